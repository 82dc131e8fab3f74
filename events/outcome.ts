import type { Message } from './message.ts';

/** What came of an attempt. `problem` is one line that holds no secret. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry';
      readonly problem: string;
      /** What the receiver asked for, milliseconds; null: nothing. */
      readonly after: number | null;
      /** Whether the receiver itself answered: then the message may be what it cannot take. */
      readonly answered: boolean;
    }
  /** It will never take this message. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Never throws: what goes wrong is an outcome. */
export type Send = (message: Message, signal: AbortSignal) => Promise<Outcome>;
