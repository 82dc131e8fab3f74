import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { noSubject, type PratiqueEvent } from '../../core/event.ts';
import { messageOf } from '../../events/message.ts';
import { createSend } from '../../events/send.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Alertmanager, startAlertmanager } from './support/alertmanager.ts';
import { haveAptPrograms } from './support/programs.ts';

const have = haveAptPrograms('prometheus-alertmanager');
const digest = `sha256:${'a'.repeat(64)}` as Digest;

interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

(have ? describe : describe.skip)('a real Alertmanager', () => {
  let alertmanager: Alertmanager;
  beforeAll(async () => {
    alertmanager = await startAlertmanager(join(temporaryDirectory(), 'alertmanager'));
  });
  afterAll(() => alertmanager.stop());

  const event = (over: Partial<PratiqueEvent>): PratiqueEvent => ({
    kind: 'verdict-changed',
    severity: 'critical',
    at: new Date().toISOString(),
    group: 'CVE-2026-1 baseline refused',
    title: 'CVE-2026-1: docker.io/library/nginx passes no longer by policy "baseline"',
    reasons: ['CVE-2026-1 critical in openssl 3.0.1 (fixed in 3.0.2)'],
    subject: { ...noSubject, image: 'docker.io/library/nginx', digest, policy: 'baseline' },
    ...over,
  });
  const tell = async (over: Partial<PratiqueEvent>, seed: string) =>
    createSend(
      { type: 'alertmanager', url: alertmanager.url, token: null, ca: null, alertFor: 3_600_000 },
      { hostname: 'test', now: Date.now },
    )(messageOf(event(over), seed), new AbortController().signal);
  const active = async (): Promise<readonly Shown[]> => {
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts?active=true`);
    return (await answer.json()) as Shown[];
  };
  const untilShown = async (count: number): Promise<readonly Shown[]> => {
    const end = Date.now() + 20_000;
    for (;;) {
      const alerts = await active();
      if (alerts.length === count) return alerts;
      if (Date.now() > end) throw new Error(`${alerts.length} alerts instead of ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  test('shows an image that passes no longer, and resolves it when it passes again', async () => {
    expect(await tell({}, '1')).toEqual({ kind: 'delivered' });
    expect(await tell({ kind: 'running-image-bad' }, '2')).toEqual({ kind: 'delivered' });
    const firing = await untilShown(2);
    expect(firing.map(({ labels }) => labels.alertname).sort()).toEqual([
      'PratiqueImageRefused',
      'PratiqueRunningImageBad',
    ]);
    expect(firing[0]).toMatchObject({
      labels: { digest, policy: 'baseline', severity: 'critical', source: 'pratique' },
      annotations: { image: 'docker.io/library/nginx' },
      status: { state: 'active' },
    });
    // The same again is the same alert.
    expect(await tell({}, '3')).toEqual({ kind: 'delivered' });
    await untilShown(2);
    expect(await tell({ severity: 'notice', group: 'passes', reasons: [] }, '4')).toEqual({
      kind: 'delivered',
    });
    await untilShown(0);
  });

  test('takes every kind of message', async () => {
    const kinds = [
      'pull-refused',
      'admission-refused',
      'advisories-stale',
      'advisories-broken',
      'exception-expiring',
      'policy-invalid',
    ] as const;
    for (const kind of kinds)
      expect(await tell({ kind, subject: noSubject }, kind)).toEqual({ kind: 'delivered' });
    await untilShown(kinds.length);
  });
});
