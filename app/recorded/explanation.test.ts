import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../../core/digest.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { asker, granted, nginx, now, said, setOfBindings } from '../../policy/bindings/samples.ts';
import { explainSubject } from './explanation.ts';

const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
const scope = { policies: [], gates: [], clusters: [], namespaces: ['web'] };

/** @param status what the context rule waits for */
function explained(status: string, exceptions = [granted({ scope })], verdict = () => said('fail')) {
  if (digest === null) throw new Error('no digest');
  const rule = `{ id: c, action: deny, when: { status: [${status}] } }`;
  const book = makeRulebook(setOfBindings(`id: all, context: [${rule}]`), exceptions);
  const subject = { digest, platform: null, images: ['docker.io/library/nginx'], verdict, pending: '' };
  return explainSubject(book, { context: asker(), image: nginx }, subject, now);
}

describe('context rules that are told', () => {
  it.each<readonly [string, string, Parameters<typeof explained>[1], readonly string[], string]>([
    ['what an exception has made a warning', 'warn', undefined, ['c'], 'fail'],
    ['a refusal that an exception has lifted', 'fail', undefined, [], 'warn'],
    ['a refusal that stands', 'fail', [], ['c'], 'fail'],
    ['a warning that there is not', 'warn', [], [], 'fail'],
  ])('are those that decide: of %s', (_what, status, exceptions, rules, becomes) => {
    const { bindings, status: found } = explained(status, exceptions);
    expect([bindings.flatMap(({ context }) => context.map(({ rule }) => rule)), found]).toEqual([
      rules,
      becomes,
    ]);
  });
});
