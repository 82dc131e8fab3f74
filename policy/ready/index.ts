import { parsePolicy } from '../parse.ts';
import type { Policy } from '../policy.ts';
import { auditText } from './audit.ts';
import { baselineText } from './baseline.ts';
import { knownExploitedText } from './known-exploited.ts';
import { strictText } from './strict.ts';

/** The files of the policies that are always there, by name. */
export const readyTexts: ReadonlyMap<string, string> = new Map([
  ['baseline', baselineText],
  ['strict', strictText],
  ['known-exploited', knownExploitedText],
  ['audit', auditText],
]);

/** The same, read when they are asked for. */
export const readyPolicies: ReadonlyMap<string, () => Policy> = new Map(
  [...readyTexts].map(([name, text]) => [name, () => parsePolicy(text, `${name}.yaml`)]),
);
