import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

/** The name that every machine has for itself; no name server is asked for it. */
const ownName = 'localhost';
const longestShown = 200;

/**
 * Answers 421 to whoever asks under a foreign name (RFC 9110 section 15.5.20): a page in somebody's browser could
 * have its own name stand for this address, and read everything here (DNS rebinding). An address is no such name.
 * @param names hosts, with or without a port, by which this machine is known
 */
export function knownHosts(names: readonly string[]): RequestHandler {
  const known = new Set([ownName, ...names.map(hostOf)]);
  return (request, response, next) => {
    const { host } = request.headers;
    const asked = host === undefined ? '' : hostOf(host);
    // Browsers always name a host; a client of HTTP/1.0 need not.
    if (host === undefined || isIP(asked) !== 0 || known.has(asked)) {
      next();
      return;
    }
    response.status(421).json({
      error: `"${asked.slice(0, longestShown)}" is no name of this server: ask by its address, as localhost, or add the name to publicNames`,
    });
  };
}

/** Without port, brackets and the dot of a whole name. */
function hostOf(text: string): string {
  const host = text.toLowerCase().replace(/:[0-9]*$/, '');
  return (isIP(text) === 0 ? host : text).replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
