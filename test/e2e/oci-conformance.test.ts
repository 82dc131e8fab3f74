import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { gateOff, gateOn, gatePassing } from '../integration/conformance/gates.ts';
import { openStage, type Stage } from '../integration/stage.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { environmentPath } from './support/programs.ts';
import { run } from './support/run.ts';

/** The official suite (docs/conformance.md says how it is built); its cases are tests in test/integration too. */

const program = environmentPath('PRATIQUE_OCI_CONFORMANCE', 'the OCI distribution conformance suite');
const longest = 120_000;

/**
 * Data that the suite makes up and no policy lets through once it is looked at. Of its images the config names other
 * layers than there are (the digest of nothing in place of each), so what would run is not what was inspected.
 */
const refused = [
  'Artifacts with Subject',
  'Custom Fields',
  'Data Field',
  'Digest Algorithm sha512',
  'Empty Index',
  'Image',
  'Image Uncompressed',
  'Image with Large Manifest',
  'Index',
  'Index with Subject',
  'Nested Index',
  'Non-distributable Layers',
  'Tag Param',
  'Tag Param sha512',
];

interface Result {
  readonly counts: Readonly<Record<'tests' | 'errors' | 'failures' | 'skipped' | 'disabled', number>>;
  /** By the suite's names: Pass, Skip, FAIL, Error or Disabled. */
  readonly apis: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

async function runSuite(stage: Stage, version: string): Promise<Result> {
  const results = join(temporaryDirectory(), 'results');
  mkdirSync(results);
  await run(program ?? '', [], {
    env: {
      OCI_REGISTRY: new URL(stage.pratique.registry).host,
      OCI_TLS: 'disabled',
      OCI_REPO1: 'hosted/conf/a',
      OCI_REPO2: 'hosted/conf/b',
      OCI_USERNAME: 'ci',
      OCI_PASSWORD: 'pw-ci',
      OCI_VERSION: version,
      OCI_RESULTS_DIR: results,
    },
  });
  const [suites = ''] = /<testsuites[^>]*>/.exec(readFileSync(join(results, 'junit.xml'), 'utf8')) ?? [];
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suites)?.[1] ?? 0);
  const { apis, data } = parse(readFileSync(join(results, 'results.yaml'), 'utf8')) as Omit<Result, 'counts'>;
  const counts = {
    tests: count('tests'),
    errors: count('errors'),
    failures: count('failures'),
    skipped: count('skipped'),
    disabled: count('disabled'),
  };
  return { counts, apis, data };
}

const failed = (statuses: Readonly<Record<string, string>>): string[] =>
  Object.keys(statuses)
    .filter((name) => statuses[name] !== 'Pass' && statuses[name] !== 'Disabled')
    .sort();

(program === null ? describe.skip : describe)('the OCI distribution conformance suite', () => {
  describe.each([
    ['off', gateOff],
    ['on, and told to let through without a look', gatePassing],
    ['on, and looking', gateOn],
  ])('with the gate %s', (_, policy) => {
    let stage: Stage;
    beforeAll(async () => {
      const users = writeUsers(temporaryDirectory(), ['ci']);
      stage = await openStage({ policy, config: { auth: { users } } });
    });
    afterAll(() => stage.close());

    // `dev` asks for more than 1.1: the digest's header everywhere, cancelled uploads, tags beside a digest.
    test.each([['1.1'], ['dev']])(
      'version %s',
      async (version) => {
        const { counts, apis, data } = await runSuite(stage, version);
        expect(counts.tests).toBeGreaterThan(800);
        expect([counts.errors, counts.skipped]).toEqual([0, 0]);
        if (policy === gateOn) {
          expect(counts.failures).toBeGreaterThan(0);
          expect(failed(data)).toEqual(refused.filter((name) => data[name] !== 'Disabled'));
        } else {
          expect(counts.failures).toBe(0);
          expect([failed(apis), failed(data)]).toEqual([[], []]);
        }
      },
      longest,
    );
  });
});
