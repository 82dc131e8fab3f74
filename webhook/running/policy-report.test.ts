import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { sha } from '../../test/support/cluster-pods.ts';
import type { Place } from './pods.ts';
import { type Judged, reportKinds, reportOf } from './policy-report.ts';
import type { Said } from './said.ts';

interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly source?: string;
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly {
    readonly result: string;
    readonly message: string;
    readonly resources: readonly object[];
    readonly properties: Readonly<Record<string, unknown>>;
    readonly timestamp?: object;
  }[];
}

const long = 'x'.repeat(5000);

function judged(number: number, given: Partial<Said> & { readonly workload?: string } = {}): Judged {
  const { workload = 'Deployment/web', ...rest } = given;
  const digest = sha(number) as Digest;
  const place: Place = {
    ...{ key: `${number} ${workload}`, namespace: 'shop', workload, account: null, labels: {} },
    ...{ image: 'r/app:1', id: `r/app@${digest}`, pods: new Map() },
  };
  const said: Said = {
    ...{ status: 'fail', allowed: true, known: true, image: `r/app@${digest}`, digest, platforms: [digest] },
    ruled: { binding: 'default', policy: 'baseline', mode: 'audit' },
    ...{
      reason: 'CVE-2026-1 in openssl 3.0.1 (critical)',
      rule: 'no-critical',
      fixable: 1,
      since: null,
      team: null,
    },
    worst: {
      id: 'CVE-2026-1',
      package: 'openssl',
      severity: 'critical',
      fixedVersion: '3.0.2',
      exploited: false,
    },
    ...rest,
  };
  const isBad = said.status === 'fail' || said.status === 'error';
  const bad = isBad ? { since: '2026-11-10T00:00:00.000Z', wentBad: true } : null;
  return { place, standing: { said, at: 0, bad } };
}
const write = (kind: (typeof reportKinds)[number], list: readonly Judged[]) =>
  reportOf(kind, 'shop', list)?.object as Written;

describe('the report of a namespace', () => {
  it('has the fields of its kind', () => {
    expect(write('wgpolicyk8s.io', [judged(1)])).toEqual({
      apiVersion: 'wgpolicyk8s.io/v1alpha2',
      kind: 'PolicyReport',
      metadata: {
        name: 'pratique',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/managed-by': 'pratique', 'app.kubernetes.io/name': 'pratique' },
        annotations: { 'pratique.dev/content': expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
      scope: { apiVersion: 'v1', kind: 'Namespace', name: 'shop' },
      summary: { pass: 0, fail: 1, warn: 0, error: 0, skip: 0 },
      results: [
        {
          source: 'pratique',
          policy: 'baseline',
          rule: 'no-critical',
          category: 'Running images',
          severity: 'critical',
          timestamp: { seconds: 1_794_268_800, nanos: 0 },
          result: 'fail',
          scored: true,
          resources: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }],
          message: 'CVE-2026-1 in openssl 3.0.1 (critical); fix: openssl 3.0.2',
          properties: {
            image: `r/app@${sha(1)}`,
            digest: sha(1),
            since: '2026-11-10T00:00:00.000Z',
            wentBad: 'true',
            finding: 'CVE-2026-1',
            package: 'openssl',
            fix: 'openssl 3.0.2',
            refused: 'false',
            binding: 'default',
            mode: 'audit',
            workloads: '1',
          },
        },
      ],
    });
    expect(write('openreports.io', [judged(1)])).toMatchObject({
      ...{ apiVersion: 'openreports.io/v1alpha1', kind: 'Report', source: 'pratique' },
    });
  });

  it('tells what is wrong, the worst first, and counts the rest', () => {
    const worst = {
      id: 'CVE-2026-2',
      package: 'zlib',
      severity: 'low',
      fixedVersion: null,
      exploited: false,
    } as const;
    const list = [
      judged(1, { status: 'pass', worst: null }),
      judged(2, { status: 'warn', worst: null }),
      judged(3, { worst }),
      judged(4),
      judged(4, { workload: 'CronJob/report' }),
      judged(5, { status: 'error', known: false }),
      { place: judged(6).place, standing: null },
    ];
    const report = write('wgpolicyk8s.io', list);
    expect(report.summary).toEqual({ pass: 1, fail: 3, warn: 1, error: 0, skip: 1 });
    expect(report.results.map(({ result, properties }) => [result, properties.finding])).toEqual([
      ['fail', 'CVE-2026-1'],
      ['fail', 'CVE-2026-1'],
      ['fail', 'CVE-2026-2'],
      ['skip', undefined],
      ['warn', undefined],
    ]);
    expect(report.results[0]?.resources).toHaveLength(2);
  });

  it.each(reportKinds)('of %s is far from what etcd does not take, whatever is in it', (kind) => {
    const list = Array.from({ length: 3000 }, (_, index) =>
      judged(index, { reason: long, rule: `rule-${index}`, workload: `Deployment/web-${index}` }),
    );
    const report = write(kind, list);
    expect(report.results).toHaveLength(100);
    expect(report.summary.fail).toBe(3000);
    expect(report.metadata.annotations['pratique.dev/left-out']).toContain('2900 more');
    expect(JSON.stringify(report).length).toBeLessThan(250_000);
    for (const { message, properties } of report.results) {
      expect(message.length).toBeLessThanOrEqual(500);
      for (const value of Object.values(properties)) expect(typeof value).toBe('string');
    }
  });

  it('is another one only where its content is', () => {
    const contentOf = (...list: readonly Judged[]) => reportOf('wgpolicyk8s.io', 'shop', list)?.content;
    expect(contentOf(judged(1), judged(2))).toBe(contentOf(judged(2), judged(1)));
    expect(contentOf(judged(1))).not.toBe(contentOf(judged(2)));
    expect(reportOf('wgpolicyk8s.io', 'shop', [])).toBeNull();
  });
});
