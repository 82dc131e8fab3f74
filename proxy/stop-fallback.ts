import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';

/**
 * How the refusal of this request is answered instead (ADR 0028); null: as it is. What it returns is asked when the
 * answer goes out, with its status.
 */
export type FallbackStop = (request: IncomingMessage) => ((status: number) => number) | null;

/** Of the answers after which containerd asks its next host; a 401 is how it logs in. */
const passedOver = new Set([403, 404, 405]);
/** 2.x makes five tries of a 429, 1.6 six: the last one that surely comes has to stop it. */
const lastTry = 5;
/** Milliseconds after which the next request begins a pull of its own: longer than the longest hold. */
const pullEnds = 60_000;
const mostPulls = 10_000;
const stopStatus = 300;

const manifestPath = /\/manifests\/[^/]+$/;

/**
 * containerd's resolver asks its next host after every status from 400 on, and gives up at any other that is no
 * success (`core/remotes/docker/resolver.go`, "unexpected status code"). A 429 is what paces it, and stays but for
 * the last one.
 * @param enabled `gate.stopFallback`
 */
export function createFallbackStop(enabled: boolean): FallbackStop {
  if (!enabled) return () => null;
  const tries = new LRUCache<string, number>({ max: mostPulls, ttl: pullEnds });
  const isLastTry = (request: IncomingMessage): boolean => {
    const key = `${request.socket.remoteAddress ?? ''} ${request.url?.slice(0, 1000) ?? ''}`;
    const made = (tries.get(key) ?? 0) + 1;
    if (made < lastTry) tries.set(key, made);
    else tries.delete(key);
    return made >= lastTry;
  };
  return (request) => {
    const { method, url = '', headers } = request;
    if (method !== 'HEAD' || headers['user-agent']?.startsWith('containerd/') !== true) return null;
    if (!manifestPath.test(url.split('?', 1)[0] ?? '')) return null;
    return (status) =>
      passedOver.has(status) || (status === 429 && isLastTry(request)) ? stopStatus : status;
  };
}
