import type { HttpTarget } from '../../post.ts';

/** An incoming webhook. Its address is its secret. */
export interface SlackConfig extends HttpTarget {
  readonly type: 'slack';
}
