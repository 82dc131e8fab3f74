import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readPolicySet } from './read.ts';

const dir = mkdtempSync(join(tmpdir(), 'pratique-read-'));
afterAll(() => rmSync(dir, { recursive: true }));

const ready = 'there are baseline, strict, known-exploited, audit';

describe('a policy that is not there', () => {
  it.each([
    ['strct', `and no ready policy "strct": ${ready} (did you mean "strict"?)`],
    [join(dir, 'basline'), `and no ready policy "basline": ${ready} (did you mean "baseline"?)`],
    ['mine', `and no ready policy "mine": ${ready}`],
    [join(dir, 'p.yaml'), `the policy ${join(dir, 'p.yaml')} cannot be read: there is no such file (ENOENT)`],
  ])('%s', (source, told) => {
    expect(() => readPolicySet(source)).toThrow(told);
  });
});

it("problems of a set's policies name the file from where the set's own file is named", () => {
  const set = join(dir, 'set.yaml');
  writeFileSync(set, 'version: 1\nname: s\npolicies: [dev.yaml]\nbindings: []\n');
  writeFileSync(
    join(dir, 'dev.yaml'),
    'version: 1\nname: dev\nrules: [{ id: a, action: dney, when: { any: true } }]\n',
  );
  expect(() => readPolicySet(set)).toThrow(`${join(dir, 'dev.yaml')}:3:26 rules[0].action: found "dney"`);
});
