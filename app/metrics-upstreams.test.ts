import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import { createUpstreamMetrics } from './metrics-upstreams.ts';

function staged() {
  const warnings: unknown[][] = [];
  const silent = (): void => undefined;
  const logger: Logger = {
    debug: silent,
    info: silent,
    warn: (...args: unknown[]) => {
      warnings.push(args);
    },
    error: silent,
  };
  const registry = new Registry();
  const load = () => new Map([['corp', { waiting: 2, inFlight: 1 }]]);
  const observe = createUpstreamMetrics(registry, logger, load);
  return { observe, warnings, text: () => registry.metrics() };
}

it('counts requests, bytes, failures and what is left, by upstream', async () => {
  const { observe, text } = staged();
  const at = { upstream: 'corp', place: 'r.test' };
  observe({ ...at, kind: 'answered', outcome: 'ok', seconds: 0.01 });
  observe({ ...at, kind: 'answered', outcome: 'throttled', seconds: 0.01 });
  observe({ ...at, kind: 'received', bytes: 700 });
  observe({ ...at, kind: 'received', bytes: 300 });
  observe({ upstream: 'corp', kind: 'failed', code: 'upstream-throttled' });
  observe({ ...at, kind: 'rate-limit', limit: 100, remaining: 42 });
  const shown = await text();
  for (const line of [
    'pratique_upstream_requests_total{upstream="corp",place="r.test",outcome="throttled"} 1',
    'pratique_upstream_received_bytes_total{upstream="corp",place="r.test"} 1000',
    'pratique_upstream_errors_total{upstream="corp",code="upstream-throttled"} 1',
    'pratique_upstream_rate_limit_remaining{upstream="corp",place="r.test"} 42',
    'pratique_upstream_limited_requests{upstream="corp",state="waiting"} 2',
  ]) {
    expect(shown).toContain(line);
  }
});

it('warns once when less than a tenth is left, and again after it was more', () => {
  const { observe, warnings } = staged();
  const say = (remaining: number): void =>
    observe({ upstream: 'hub', place: 'r.test', kind: 'rate-limit', limit: 100, remaining });
  for (const remaining of [10, 9, 8, 0]) say(remaining);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.[0]).toMatchObject({ upstream: 'hub', limit: 100, remaining: 9 });
  say(100);
  say(5);
  expect(warnings).toHaveLength(2);
});
