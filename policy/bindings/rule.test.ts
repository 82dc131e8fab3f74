import { describe, expect, test } from '@jest/globals';
import { everywhere, type GrantedException } from '../../core/exception.ts';
import type { Blocker, Verdict } from '../../core/verdict.ts';
import type { Bound, PolicySet } from './binding.ts';
import { makeRulebook } from './rule.ts';
import type { Ruling } from './rulebook.ts';
import { asker, cve, granted, nginx, now, said, setFrom, setOfBindings } from './samples.ts';

const bad: Blocker = { rule: 'critical', finding: cve };
const web = { ...everywhere, namespaces: ['w*'] };
const where = ['docker.io/library/nginx'];

interface Case {
  readonly set?: PolicySet;
  readonly exceptions?: readonly GrantedException[];
  readonly verdict?: Verdict;
  readonly images?: readonly string[] | null;
  readonly at?: number;
  readonly context?: Parameters<typeof asker>[0];
}

function ruling(given: Case): Ruling {
  const book = makeRulebook(given.set ?? setOfBindings(), given.exceptions ?? []);
  const context = asker(given.context);
  const bound = boundOf(book.select(context, nginx));
  const images = given.images === undefined ? where : given.images;
  return book.rule(bound, given.verdict ?? said('fail'), context, images, given.at ?? now);
}

function boundOf(selection: ReturnType<ReturnType<typeof makeRulebook>['select']>): Bound {
  const bound = selection.kind === 'bound' ? selection.bounds[0] : undefined;
  if (bound === undefined) throw new Error('nothing holds');
  return bound;
}

describe('an exception for who asks', () => {
  test('lets through what it names, with who and until when', () => {
    expect(ruling({ exceptions: [granted({ scope: web })] })).toEqual({
      status: 'warn',
      allowed: true,
      reasons: [
        'let through here until 2026-06-30: CVE-2024-1 in libssl3 (not called; ada, SEC-1)',
        'its policy says fail',
      ],
      context: [],
    });
  });

  const other = { ...cve, id: 'CVE-2024-2', aliases: [] };
  const bundle = { ...cve, id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] };
  test.each<readonly [string, Case]>([
    ['another namespace', { context: { namespace: 'db' } }],
    ['no namespace', { context: { namespace: null } }],
    ['another gate', { exceptions: [granted({ scope: { ...web, gates: ['ci'] } })] }],
    ['another cluster', { exceptions: [granted({ scope: { ...web, clusters: ['test'] } })] }],
    ['another policy', { exceptions: [granted({ scope: { ...web, policies: ['strict'] } })] }],
    ['another package', { exceptions: [granted({ scope: web, package: 'zlib' })] }],
    ['another image', { exceptions: [granted({ scope: web, image: 'ghcr.io/**' })] }],
    [
      'an image that is elsewhere too',
      { exceptions: [granted({ scope: web, image: 'docker.io/**' })], images: [...where, 'ghcr.io/x'] },
    ],
    [
      'an image of which nobody knows where it is',
      { exceptions: [granted({ scope: web, image: 'docker.io/**' })], images: null },
    ],
    ['its end', { at: Date.parse('2026-07-01T00:00:00Z') }],
    ['it was revoked', { exceptions: [granted({ scope: web, revoked: { at: '', by: 'ada', reason: '' } })] }],
    ['something else denies too', { verdict: said('fail', {}, [bad, { rule: 'critical', finding: other }]) }],
    [
      'what the image is denies too',
      { verdict: said('fail', {}, [bad, { rule: 'artifacts', finding: null }]) },
    ],
    ['one of several in a bundle', { verdict: said('fail', {}, [{ rule: 'critical', finding: bundle }]) }],
    ['more denies than is listed', { verdict: said('fail', { blockers: { complete: false, list: [bad] } }) }],
    ['nothing is listed', { verdict: said('fail', { blockers: { complete: true, list: [] } }) }],
    [
      'the list is of an earlier time',
      {
        verdict: said('fail', {
          validUntil: '2026-06-01T11:30:00Z',
          next: { at: '2026-07-01T00:00:00Z', status: 'error' },
        }),
      },
    ],
  ])('does not hold: %s', (_name, given) => {
    expect(ruling({ exceptions: [granted({ scope: web })], ...given })).toMatchObject({ allowed: false });
  });

  test('never lets through what could not be decided', () => {
    const undecided = said('fail');
    const rules = [
      ...undecided.rules,
      ...undecided.rules.map((rule) => ({ ...rule, id: 'kev', action: 'error' as const })),
    ];
    const exceptions = [granted({ scope: web })];
    expect(ruling({ exceptions, verdict: { ...undecided, rules } }).status).toBe('fail');
    expect(ruling({ exceptions, verdict: said('error', {}, [bad]) }).status).toBe('error');
  });

  test('for a policy, a gate, a cluster, a source package and an image at once', () => {
    const scope = {
      policies: ['baseline'],
      gates: ['admission' as const],
      clusters: ['prod'],
      namespaces: ['web'],
    };
    const exceptions = [granted({ scope, package: 'openssl', image: 'docker.io/**' })];
    expect(ruling({ exceptions }).allowed).toBe(true);
  });

  test.each([
    ['eu-*', 'eu-1', true],
    ['*', 'eu-1', true],
    ['eu-1', 'eu-1', true],
    ['eu-*', 'us-1', false],
    ['eu-1', 'eu-12', false],
    ['*', null, false],
  ])('for the clusters %s, asked from %s: %s', (pattern, cluster, allowed) => {
    const exceptions = [granted({ scope: { ...everywhere, clusters: [pattern] } })];
    expect(ruling({ exceptions, context: { cluster } }).allowed).toBe(allowed);
  });
});

describe('an exception that need not know who asks', () => {
  const set = setFrom(`version: 1
name: t
policies: [p.yaml]
bindings: [{ id: a, users: [x], policy: strict-one }]`);

  test('joins the policies it holds for, whose revision goes on after a dot', () => {
    const scope = { ...everywhere, policies: ['strict-one'] };
    const effective = makeRulebook(set, [granted({ scope })]).set;
    const [before, after] = [set, effective].map(({ policies }) => policies.get('strict-one'));
    expect(after?.exceptions).toMatchObject([{ id: 'ex-0123456789ab' }]);
    expect(after?.revision).toMatch(new RegExp(`^${before?.revision}\\.[0-9a-f]{8}$`));
    expect(effective.policies.get('baseline')).toBe(set.policies.get('baseline'));
    expect(effective.revision).not.toBe(set.revision);
  });

  test('changes nothing once it is revoked', () => {
    const revoked = { at: '', by: 'ada', reason: '' };
    expect(makeRulebook(set, [granted({ revoked })]).set).toBe(set);
  });

  test('for who asks changes no policy, and the set alone', () => {
    const effective = makeRulebook(set, [granted({ scope: web })]).set;
    expect(effective.policies).toEqual(set.policies);
    expect(effective.revision).not.toBe(set.revision);
  });
});

describe('a verdict that time has overtaken', () => {
  const past = '2026-06-01T11:30:00Z';
  test.each<readonly [string, Partial<Verdict>, Ruling['status']]>([
    ['holds no more', { validUntil: past }, 'pending'],
    ['may hold again', { next: { at: past, status: 'pass' } }, 'pending'],
    ['denies since', { next: { at: past, status: 'fail' } }, 'fail'],
  ])('%s', (_name, fields, status) => {
    const result = ruling({ verdict: said('pass', fields), exceptions: [granted({ scope: web })] });
    expect(result).toMatchObject({ status, allowed: false });
  });
});

const contextual = (when: string, action = 'deny') =>
  setOfBindings(
    `id: a, namespaces: [web], context: [{ id: c, action: ${action}, title: Not here, remedy: ask, when: ${when} }]`,
  );

describe('context rules', () => {
  test.each<readonly [string, string, Verdict, Ruling['status']]>([
    ['a status', '{ status: [warn] }', said('warn'), 'fail'],
    ['another status', '{ status: [warn] }', said('pass'), 'pass'],
    ['enough findings', '{ counts: { high: 2 } }', said('pass'), 'fail'],
    ['too few findings', '{ counts: { high: 3 } }', said('pass'), 'pass'],
    ['all counts', '{ counts: { high: 1, critical: 1 } }', said('pass'), 'pass'],
    ['fixes', '{ fixableAtLeast: 3 }', said('pass'), 'fail'],
    [
      'a rule that had a say',
      '{ rules: [malware] }',
      said('warn', {}, [{ rule: 'malware', finding: null }]),
      'fail',
    ],
    ['a rule that had none', '{ rules: [malware] }', said('warn'), 'warn'],
    ['who asks', '{ where: { gates: [admission], groups: [robots] } }', said('pass'), 'fail'],
    ['who does not ask', '{ where: { users: [bob] } }', said('pass'), 'pass'],
    ['everything at once', '{ status: [pass], fixableAtLeast: 9 }', said('pass'), 'pass'],
  ])('deny by %s', (_name, when, verdict, status) => {
    expect(ruling({ set: contextual(when), verdict, context: { groups: ['robots'] } }).status).toBe(status);
  });

  test('are told first where they decide', () => {
    expect(ruling({ set: contextual('{ status: [warn] }'), verdict: said('warn') })).toEqual({
      status: 'fail',
      allowed: false,
      reasons: ['Not here (c); ask', 'its policy says warn'],
      context: [expect.objectContaining({ action: 'deny', reason: 'Not here (c); ask' })],
    });
  });

  test('that warn make a pass a warning, and a refusal no better', () => {
    const set = contextual('{ where: { gates: [admission] } }', 'warn');
    expect(ruling({ set, verdict: said('pass') })).toMatchObject({ status: 'warn', allowed: true });
    expect(ruling({ set, verdict: said('fail') })).toMatchObject({
      status: 'fail',
      reasons: ['its policy says fail', 'Not here (c); ask'],
    });
  });

  test('about labels that cannot be read refuse', () => {
    const set = contextual('{ where: { namespaceLabels: { a: b } } }');
    expect(ruling({ set, verdict: said('pass'), context: { namespaceLabels: null } })).toMatchObject({
      status: 'error',
      allowed: false,
      reasons: [expect.stringContaining('whether c denies cannot be told'), 'its policy says pass'],
    });
  });
});

describe('modes', () => {
  test.each(['warn', 'audit'])('%s lets through, and says what would be', (mode) => {
    expect(ruling({ set: setOfBindings(`id: a, mode: ${mode}`) })).toEqual({
      status: 'fail',
      allowed: true,
      reasons: ['would be refused: its policy says fail'],
      context: [],
    });
  });
});

describe('an image without a verdict', () => {
  const without = (binding: string, status: 'pending' | 'error', gate: 'proxy' | 'admission') => {
    const book = makeRulebook(setOfBindings(binding), []);
    const context = asker({ gate });
    return book.ruleWithout(boundOf(book.select(context, nginx)), status, ['not yet'], context);
  };

  test.each<readonly [string, string, 'pending' | 'error', 'proxy' | 'admission', boolean]>([
    ['is refused', 'id: a', 'pending', 'admission', false],
    ['is let through where the binding says so', 'id: a, unknownImage: allow', 'pending', 'admission', true],
    ['is not, at a gate that can wait', 'id: a, unknownImage: allow', 'pending', 'proxy', false],
    ['is not, where it cannot be had', 'id: a, unknownImage: allow', 'error', 'admission', false],
    ['is let through in audit', 'id: a, mode: audit', 'error', 'proxy', true],
    ['is let through where the gate is off', 'id: a, mode: "off"', 'error', 'proxy', true],
    [
      'is refused by a rule about who asks alone',
      'id: a, unknownImage: allow, context: [{ id: c, action: deny, when: { where: { clusters: [prod] } } }]',
      'pending',
      'admission',
      false,
    ],
  ])('%s', (_name, binding, status, gate, allowed) => {
    expect(without(binding, status, gate)).toMatchObject({ allowed });
  });
});
