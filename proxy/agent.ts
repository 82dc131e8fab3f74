import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * Connections to one upstream that are used again.
 * @param ca PEM of its own authority; null: the system's
 */
export function upstreamAgent(url: string, ca: string | null): HttpAgent {
  if (!url.startsWith('https:')) return new HttpAgent({ keepAlive: true });
  return new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) });
}
