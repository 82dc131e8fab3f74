import { isPratiqueError } from '../../core/errors.ts';
import type { Limiter } from './limiter.ts';
import { outcomeOf, rateOf, type UpstreamObserver } from './observer.ts';
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts';

/** Sends requests within the upstream's limits, and tells what became of them. */
export function createSender(options: {
  readonly upstream: string;
  readonly base: URL;
  readonly transport: Pick<Transport, 'send'>;
  readonly limiter: Limiter;
  readonly observe: UpstreamObserver;
}): (request: TransportRequest) => Promise<TransportAnswer> {
  const { upstream, base, transport, limiter, observe } = options;
  const place = base.host;
  return async (request) => {
    const leave = await limiter.enter(request.signal);
    const since = performance.now();
    const answered = (outcome: ReturnType<typeof outcomeOf>): void =>
      observe({ upstream, kind: 'answered', place, outcome, seconds: (performance.now() - since) / 1000 });
    let answer: TransportAnswer;
    try {
      answer = await transport.send(request);
    } catch (error) {
      leave();
      answered(isPratiqueError(error) && error.code !== 'upstream-unreachable' ? 'failed' : 'unreachable');
      throw error;
    }
    answered(outcomeOf(answer.status));
    const remaining = rateOf(answer.header('ratelimit-remaining'));
    if (remaining !== null && answer.url.host === base.host) {
      const limit = rateOf(answer.header('ratelimit-limit'));
      observe({ upstream, kind: 'rate-limit', place, limit, remaining });
    }
    // In flight until its last byte is here, or nobody wants it any more.
    if (answer.body.destroyed || answer.body.closed) leave();
    else answer.body.once('close', leave);
    return answer;
  };
}
