import type { HttpTarget } from '../../post.ts';

/** Falco's fan-out: whatever channels it has carry Pratique's messages too. */
export interface FalcosidekickConfig extends HttpTarget {
  readonly type: 'falcosidekick';
}
