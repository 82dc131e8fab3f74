import type { EventKind } from '../core/event.ts';

/** `more`: stands for messages of several groups that a receiver's limit held back. `test`: sent by hand. */
export type MessageKind = EventKind | 'more' | 'test';
