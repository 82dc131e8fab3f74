import { plainContext } from '../../core/context.ts';
import { PratiqueError } from '../../core/errors.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { runPolicyTests } from '../../policy/policy-tests.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { answerTo } from '../recorded/answer.ts';
import {
  type JudgedImage,
  type PolicyTestReport,
  policyTestJson,
  policyTestTable,
  type TestOutcome,
} from '../report/policy-test-report.ts';
import { namedSet } from './policy-source.ts';
import { openRecorded } from './recorded-image.ts';
import { recordedSubjects } from './recorded-subjects.ts';

export interface PolicyTestOptions {
  /** A policy, a policy set, or the name of a ready policy. */
  readonly file: string;
  /** Recorded images, of which it is told what the file says to a pull. */
  readonly images: readonly string[];
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique policy test FILE [IMAGE…]`.
 * @returns the exit code: 1 where an expected outcome is not what is found
 * @throws PratiqueError `usage-invalid` where there is nothing to try, `policy-invalid`; with images what `verdict` throws
 */
export function testPolicy(options: PolicyTestOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const set = namedSet(options.file, config);
  const tests = [...set.policies.values()].flatMap((policy) =>
    runPolicyTests(policy).map((result): TestOutcome => ({ policy: policy.name, ...result })),
  );
  if (tests.length === 0 && options.images.length === 0) {
    throw new PratiqueError(
      'usage-invalid',
      `${options.file} has no expected outcomes: write some below "tests", or name recorded images to judge by it`,
      { file: options.file },
    );
  }
  const images = options.images.length === 0 ? [] : judgedImages(options.images, set, config);
  const report: PolicyTestReport = { file: options.file, tests, images };
  console.out(
    options.format === 'json' ? JSON.stringify(policyTestJson(report), null, 2) : policyTestTable(report),
  );
  return Promise.resolve(tests.every(({ passed }) => passed) ? exitCodes.ok : exitCodes.fail);
}

function judgedImages(names: readonly string[], set: PolicySet, config: Config): readonly JudgedImage[] {
  const paths = dataPaths(config.data);
  const records = openRecorded(paths.state, names[0] ?? '');
  try {
    const index = openAdvisoryIndex(paths.advisories);
    try {
      const at = Date.now();
      const book = makeRulebook(set, records.listExceptions(new Date(at).toISOString()));
      return names.flatMap((name) => {
        const { reference, image, subjects } = recordedSubjects(name, config, { records, index, at });
        return subjects.map((subject): JudgedImage => {
          const asked = { context: plainContext('proxy'), image };
          const { clearance } = answerTo(book, asked, subject, at);
          const { status, allowed, reasons } = clearance;
          return { reference, digest: subject.digest, platform: subject.platform, status, allowed, reasons };
        });
      });
    } finally {
      index.close();
    }
  } finally {
    records.close();
  }
}
