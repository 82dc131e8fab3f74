import { expect, it } from '@jest/globals';
import { type Exception, everywhere } from '../../core/exception.ts';
import type { StandingVerdict } from '../../core/ports/verdicts.ts';
import type { Suppressed } from '../../core/verdict.ts';
import { effectsOf } from './suppressions.ts';

const exception = (fields: Partial<Exception>): Exception => ({
  id: null,
  advisory: 'CVE-1',
  package: null,
  image: null,
  scope: everywhere,
  reason: 'not called',
  author: 'ada',
  ticket: null,
  expires: '2099-12-31',
  endsAt: 4e12,
  ...fields,
});
const suppressed = (fields: Partial<Suppressed>): Suppressed => ({
  id: 'CVE-1',
  exception: null,
  ticket: null,
  package: 'openssl',
  by: 'ada',
  reason: 'not called',
  expires: '2099-12-31',
  ...fields,
});
const standing = (digest: string, policy: string, list: readonly Suppressed[]): StandingVerdict =>
  ({ digest, policy, verdict: { suppressed: list } }) as unknown as StandingVerdict;

it('counts what each exception lets through, an image once whatever policies judge it', () => {
  const granted = { exception: exception({ id: 'ex-1' }), file: null };
  const scoped = {
    exception: exception({ id: 'ex-2', scope: { ...everywhere, gates: ['ci'] } }),
    file: null,
  };
  const first = { exception: exception({}), file: 'strict' };
  const second = { exception: exception({ advisory: 'CVE-2' }), file: 'strict' };
  const pages = [
    [
      standing('sha256:a', 'baseline', [suppressed({ exception: 'ex-1' })]),
      standing('sha256:a', 'strict', [suppressed({ exception: 'ex-1' }), suppressed({ id: 'CVE-2' })]),
    ],
    [standing('sha256:b', 'strict', [suppressed({ package: 'a' }), suppressed({ package: 'b' })])],
  ];
  const effects = effectsOf([granted, scoped, first, second], { pageVerdicts: () => pages.shift() ?? [] });
  expect([granted, scoped, first, second].map((one) => effects.get(one))).toEqual([
    { findings: 2, images: 1 },
    undefined,
    { findings: 2, images: 1 },
    { findings: 1, images: 1 },
  ]);
});
