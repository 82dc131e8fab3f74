import type { IncomingMessage } from 'node:http';
import type { HoldTimes } from './context.ts';

/** How long this client can be kept waiting, milliseconds. */
export function holdFor(holds: HoldTimes, request: IncomingMessage): number {
  const agent = request.headers['user-agent'] ?? '';
  return agent.startsWith('docker/') ? holds.docker : holds.ordinary;
}
