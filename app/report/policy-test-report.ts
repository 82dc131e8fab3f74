import type { Digest } from '../../core/digest.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import type { PolicyTestResult } from '../../policy/policy-tests.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { saidText } from './policy-diff-report.ts';
import { formatTable } from './table.ts';

export interface TestOutcome extends PolicyTestResult {
  readonly policy: string;
}

/** A recorded image by a file that is tried. */
export interface JudgedImage {
  readonly reference: string;
  readonly digest: Digest;
  readonly platform: string | null;
  readonly status: VerdictStatus;
  readonly allowed: boolean;
  readonly reasons: readonly string[];
}

export interface PolicyTestReport {
  readonly file: string;
  readonly tests: readonly TestOutcome[];
  readonly images: readonly JudgedImage[];
}

export function policyTestJson({ file, tests, images }: PolicyTestReport): object {
  return { schemaVersion: 1, file, passed: tests.every(({ passed }) => passed), tests, images };
}

/** Failures first, with what was expected and what was found. */
export function policyTestTable({ tests, images }: PolicyTestReport): string {
  const failed = tests.filter(({ passed }) => !passed);
  const passed = tests.filter((test) => test.passed);
  const summary =
    tests.length === 0
      ? []
      : [`${plural(tests.length, 'expected outcome')}: ${failed.length} failed, ${passed.length} passed`];
  const table =
    images.length === 0
      ? []
      : [
          formatTable(
            ['IMAGE', 'PLATFORM', 'STATUS', 'WHY'],
            images.map((image) => [
              oneLine(image.reference, 120),
              image.platform ?? '',
              saidText(image),
              oneLine(image.reasons[0] ?? '', 300),
            ]),
          ),
        ];
  return [...failed.map(failureText), ...passed.map(passedText), ...summary, ...table].join('\n');
}

function failureText({ policy, name, expected, found, reasons }: TestOutcome): string {
  return [
    `FAILED  ${oneLine(`${policy}: ${name}`, 300)}`,
    `          expected ${outcomeText(expected)}`,
    `          found    ${outcomeText(found)}`,
    ...reasons.slice(0, 5).map((reason) => `          - ${oneLine(reason, 400)}`),
  ].join('\n');
}

function passedText({ policy, name, found }: TestOutcome): string {
  return `passed  ${oneLine(`${policy}: ${name}`, 300)}: ${found.status}`;
}

function outcomeText({ status, rules }: TestOutcome['expected']): string {
  if (rules === null) return status;
  return rules.length === 0 ? `${status}, no rule` : `${status} by ${rules.join(', ')}`;
}
