import type { Message } from '../../message.ts';

/** One message in one line. */
export function fileLine(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}
