import { type AskContext, type AskedImage, plainContext } from '../../core/context.ts';
import { everywhere, type GrantedException } from '../../core/exception.ts';
import type { Blocker, FinalStatus, Verdict } from '../../core/verdict.ts';
import type { PolicySet } from './binding.ts';
import { parsePolicySet } from './parse.ts';

/** Small policy sets, askers and verdicts for the tests of this room. */

export const now = Date.parse('2026-06-01T12:00:00Z');

export const strictText = `version: 1
name: strict-one
rules: [{ id: critical, action: deny, when: { severity: { atLeast: critical, unknown: true } } }]
`;

export function setFrom(text: string, files: Readonly<Record<string, string>> = {}): PolicySet {
  return parsePolicySet(text, 'set.yaml', (path) => files[path] ?? strictText);
}

/** A set whose bindings, in YAML, hold the baseline where they name no other. */
export function setOfBindings(...bindings: readonly string[]): PolicySet {
  const lines = bindings.map((binding) => `  - { policy: baseline, ${binding} }\n`).join('');
  return setFrom(`version: 1\nname: test\nbindings:${lines === '' ? ' []' : `\n${lines}`}`);
}

export function asker(fields: Partial<AskContext> = {}): AskContext {
  return { ...plainContext('admission'), cluster: 'prod', namespace: 'web', ...fields };
}

export const nginx: AskedImage = { upstream: 'docker.io', repository: 'docker.io/library/nginx' };

export const cve: NonNullable<Blocker['finding']> = {
  id: 'DEBIAN-CVE-2024-1',
  aliases: ['CVE-2024-1'],
  package: 'libssl3',
  source: 'openssl',
};

/** What a policy says: a `fail` is denied for `blockers` by the rule `critical`. */
export function said(
  status: FinalStatus,
  fields: Partial<Verdict> = {},
  blockers: readonly Blocker[] = status === 'fail' ? [{ rule: 'critical', finding: cve }] : [],
): Verdict {
  const rule = (id: string) => ({
    id,
    action: 'deny' as const,
    title: id,
    why: null,
    remedy: null,
    controls: [],
    graceUntil: null,
    findings: 1,
  });
  return {
    status,
    policy: 'baseline',
    policyRevision: '0000000000000000',
    advisoriesRevision: 'r1',
    scanner: 'pratique 1',
    rules: [...new Set(blockers.map((blocker) => blocker.rule))].map(rule),
    reasons: [`its policy says ${status}`],
    summary: {
      counts: { critical: 0, high: 2, medium: 0, low: 0, negligible: 0, unknown: 0 },
      fixable: 3,
      worst: [],
    },
    coverage: [],
    suppressed: [],
    blockers: { complete: true, list: blockers },
    evaluatedAt: '2026-06-01T11:00:00.000Z',
    validUntil: null,
    next: null,
    ...fields,
  };
}

export function granted(fields: Partial<GrantedException> = {}): GrantedException {
  return {
    id: 'ex-0123456789ab',
    advisory: 'CVE-2024-1',
    package: null,
    image: null,
    scope: everywhere,
    reason: 'not called',
    author: 'ada',
    ticket: 'SEC-1',
    expires: '2026-06-30',
    endsAt: Date.parse('2026-07-01T00:00:00Z'),
    grantedAt: '2026-05-01T00:00:00.000Z',
    revoked: null,
    ...fields,
  };
}
