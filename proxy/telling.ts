import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../core/ports/logger.ts';

/** Refusals that an operator is asked about later; 404 and a challenge to somebody without credentials are not. */
const refusals = new Set([300, 403, 405, 413, 429]);

/**
 * One line for each answer that people ask about afterwards: what was refused to whom and why, and what changed a
 * repository. The reason is the status line's.
 */
export function tellAnswer(
  logger: Logger,
  request: IncomingMessage,
  { statusCode, statusMessage }: ServerResponse,
  user: string | null,
): void {
  const { method = '', url = '', headers, socket } = request;
  const fields = {
    method,
    url: url.slice(0, 1000),
    status: statusCode,
    user,
    from: socket.remoteAddress ?? '',
  };
  if (refusals.has(statusCode) || (statusCode === 401 && headers.authorization !== undefined)) {
    logger.info({ ...fields, why: statusMessage }, 'request refused');
  } else if (statusCode < 300 && (method === 'DELETE' || (method === 'PUT' && url.includes('/manifests/')))) {
    logger.info(fields, 'repository changed');
  }
}
