import type { Logger } from '../core/ports/logger.ts';
import type { AnswerOutcome } from '../proxy/context.ts';

/** Characters of what a client chooses. */
const longest = 500;

/**
 * One line for each answer of the registry port, where `log.access` asks for it: who asked for what, what came of it, how
 * many bytes went out, from where, and how long it took.
 */
export function accessLog(logger: Logger): (outcome: AnswerOutcome) => void {
  return ({ kind, method, status, upstream, milliseconds, served, user, request }) => {
    logger.info(
      {
        kind,
        method,
        url: (request.url ?? '').slice(0, longest),
        status,
        upstream,
        user,
        from: request.socket.remoteAddress ?? null,
        agent: (request.headers['user-agent'] ?? '').slice(0, longest),
        bytes: served?.bytes ?? 0,
        source: served?.source ?? null,
        heldMilliseconds: Math.round(served?.held ?? 0),
        milliseconds: Math.round(milliseconds),
      },
      'access',
    );
  };
}
