import type { HttpTarget } from '../../post.ts';

/** Alertmanager's API version 2. `url` is its address, to which `/api/v2/alerts` is added. */
export interface AlertmanagerConfig extends HttpTarget {
  readonly type: 'alertmanager';
  /** How long an alert fires that nothing resolves, milliseconds. */
  readonly alertFor: number;
}

/** Milliseconds. */
export const defaultAlertFor = 24 * 3_600_000;
