import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { worstStatus } from '../core/verdict.ts';
import { statusAt } from './evaluate.ts';
import { baselineText } from './ready/baseline.ts';
import { day, finding, now, only, verdictOn } from './samples.ts';

describe('whatever the findings and exceptions are', () => {
  const ids = ['CVE-1', 'CVE-2', 'CVE-3'] as const;
  const findings = fc.array(
    fc
      .record({
        id: fc.constantFrom('DSA-1', 'MAL-1', ...ids),
        aliases: fc.subarray([...ids]),
        kind: fc.constantFrom('vulnerability', 'malware', 'bugfix'),
        severity: fc.constantFrom('critical', 'high', 'low', 'unknown'),
        fixedVersion: fc.constantFrom('2', null),
        kev: fc.constantFrom(true, false, null),
        package: fc.constantFrom('libssl3', 'zlib'),
        published: fc.constantFrom(
          null,
          '2026-05-20T00:00:00Z',
          '2026-05-30T06:00:00Z',
          '2026-06-02T00:00:00Z',
        ),
        fixedSince: fc.constantFrom(null, '2026-05-31T00:00:00Z'),
      })
      .map((fields) => finding(fields)),
    { maxLength: 5 },
  );
  const exception = fc
    .record({
      advisory: fc.constantFrom('DSA-1', ...ids),
      days: fc.integer({ min: -3, max: 12 }),
      zlib: fc.boolean(),
    })
    .map(({ advisory, days, zlib }) => {
      const expires = new Date(now + days * day).toISOString();
      return `advisory: ${advisory}, expires: "${expires}"${zlib ? ', package: zlib' : ''}`;
    });
  const exceptions = fc.uniqueArray(exception, { maxLength: 5 });
  const policy = fc.constantFrom(
    `${baselineText
      .split('\n')
      .filter((line) => !/^(version|name|exceptions):/.test(line))
      .join('\n')}`,
    `${only('{ severity: { atLeast: high, unknown: true } }')}\nrequire: { advisories: { maxAge: 9d, action: warn } }`,
    `${only('{ any: true }', 'warn')}\nrequire: { advisories: { maxAge: 4d } }`,
    'rules: [{ id: r, action: deny, grace: { period: 5d, knownExploited: 1d }, when: { any: true } }]',
    'rules: [{ id: r, action: deny, grace: 5d, when: { fixAvailable: true }, count: { atLeast: 2 } }]',
    'rules: [{ id: r, action: warn, when: { publishedFor: 6d } }, { id: s, action: deny, image: { scanOlderThan: 8d } }]',
  );
  const given = fc.record({ findings, exceptions, policy });

  it('one more exception makes nothing worse', () => {
    fc.assert(
      fc.property(given, exception, (before, more) => {
        fc.pre(!before.exceptions.includes(more));
        const after = verdictOn({ ...before, exceptions: [...before.exceptions, more] }).status;
        expect(worstStatus([verdictOn(before).status, after])).toBe(verdictOn(before).status);
      }),
    );
  });

  it('one more finding makes nothing better', () => {
    fc.assert(
      fc.property(given, findings, (before, more) => {
        const after = verdictOn({ ...before, findings: [...before.findings, ...more] }).status;
        expect(worstStatus([verdictOn(before).status, after])).toBe(after);
      }),
    );
  });

  it('the future is as foretold: before validUntil nothing changes, at it something does, and so with next', () => {
    fc.assert(
      fc.property(given, (case_) => {
        const verdict = verdictOn(case_);
        const content = (at: number) => {
          const { evaluatedAt: _, validUntil: __, next: ___, ...rest } = verdictOn({ ...case_, at });
          return JSON.stringify(rest);
        };
        const awaited = case_.findings.some((one) => (one.published ?? '') > new Date(now).toISOString());
        const valid = verdict.validUntil === null ? Infinity : Date.parse(verdict.validUntil);
        const next = verdict.next === null ? Infinity : Date.parse(verdict.next.at);
        for (let at = now; at < now + 14 * day; at += day / 2) {
          const then = verdictOn({ ...case_, at }).status;
          if (at < valid) expect(content(at)).toBe(content(now));
          // A grace that is still to begin ends what can be foretold.
          if (at < next && (at < valid || !awaited)) expect(then).toBe(verdict.status);
          const said = statusAt(verdict, at);
          // What is said may be stricter than the truth, never more lenient.
          if (said !== 'pending') expect(worstStatus([said, then === 'fail' ? 'error' : then])).toBe(said);
        }
        if (valid < Infinity) {
          if (!awaited && !case_.policy.includes('count:')) expect(content(valid)).not.toBe(content(now));
          expect(content(valid - 1)).toBe(content(now));
        }
        if (verdict.next !== null) {
          expect(verdictOn({ ...case_, at: next }).status).toBe(verdict.next.status);
          expect(verdictOn({ ...case_, at: next - 1 }).status).toBe(verdict.status);
        }
      }),
    );
  });
});
