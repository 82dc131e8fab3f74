import type { HttpTarget } from '../../post.ts';

/** Any HTTP endpoint. */
export interface WebhookConfig extends HttpTarget {
  readonly type: 'webhook';
  /** `message`: the message itself; `cloudevents`: in the structured mode of CloudEvents 1.0. */
  readonly format: 'message' | 'cloudevents';
  /** Key of the signature; null: not signed. */
  readonly secret: string | null;
}
