import type { ReportGround, ReportOptions } from './report.ts';
import type { Reading } from './source.ts';

/** Everything that one report is made from. */
export interface Ask {
  readonly reading: Reading;
  readonly ground: ReportGround;
  readonly options: ReportOptions;
  /** Milliseconds since 1970. */
  readonly now: number;
}
