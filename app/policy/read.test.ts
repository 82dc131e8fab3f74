import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parsePolicySources } from '../../policy/bindings/sources.ts';
import { areChanged, readPolicySet, tryRead } from './read.ts';

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

describe('files that policies name', () => {
  const vex = JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://vendor.example/1',
    author: 'v',
    timestamp: '2026-05-01T00:00:00Z',
    statements: [],
  });
  const policy = 'version: 1\nname: dev\nrules: []\nvex: { files: [vex/a.json] }\n';
  mkdirSync(join(dir, 'team', 'vex'), { recursive: true });
  writeFileSync(join(dir, 'team', 'dev.yaml'), policy);
  writeFileSync(join(dir, 'team', 'vex', 'a.json'), vex);
  const set = join(dir, 'of-team.yaml');
  writeFileSync(
    set,
    'version: 1\nname: s\npolicies: [team/dev.yaml]\nbindings: [{ id: all, policy: dev }]\n',
  );

  it.each([
    [join(dir, 'team', 'dev.yaml'), 'vex/a.json'],
    [set, 'team/vex/a.json'],
  ])('are found beside the policy, watched and kept with it: %s', (source, kept) => {
    const { outcome, prints } = tryRead(source);
    if (outcome instanceof Error) throw outcome;
    const path = join(dir, 'team', 'vex', 'a.json');
    expect([...prints.keys()]).toContain(path);
    expect(outcome.sources.texts[kept]).toBe(vex);
    expect(parsePolicySources(outcome.sources).revision).toBe(outcome.set.revision);
    writeFileSync(path, vex.replace('vendor', 'another'));
    expect(areChanged(prints)).toBe(true);
    expect(readPolicySet(source).revision).not.toBe(outcome.set.revision);
    writeFileSync(path, vex);
  });

  it('that are not there are told by the place in the policy, and by their path', () => {
    const file = join(dir, 'team', 'none.yaml');
    writeFileSync(file, policy.replace('a.json', 'none.json'));
    const path = join(dir, 'team', 'vex', 'none.json');
    expect(() => readPolicySet(file)).toThrow(
      `none.yaml:4:16 vex.files[0]: found "vex/none.json": the VEX document ${path} cannot be read: there is no such file (ENOENT), allowed the path of`,
    );
  });
});
