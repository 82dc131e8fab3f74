import type { Exception, Policy, Rule } from '../../policy/policy.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { whatText } from './exception-report.ts';
import { ruleText } from './rule-text.ts';
import { vexLines } from './vex-report.ts';

/** A policy in words, for whoever wrote it to see what was understood. */
export function policyText(policy: Policy): string {
  const { require } = policy;
  return [
    `policy ${policy.name}, revision ${policy.revision}`,
    '',
    'rules:',
    ...policy.rules.flatMap(ruleLines),
    ...(policy.rules.length === 0 ? ['  none: no finding decides anything'] : []),
    '',
    'an image is',
    `  ${require.coverage} where no advisories cover something in it`,
    `  ${require.completeInventory} where something in it could not be read`,
    `  ${require.recognisedOs} where its operating system is not recognised`,
    `  ${require.packages} where no package was recognised`,
    `  ${require.advisories.action} where the advisories are older than ${require.advisories.maxAge}`,
    '',
    `what is no image (charts, signatures, SBOMs): ${policy.artifacts}`,
    ...(policy.exceptions.length === 0
      ? ['no exceptions']
      : ['', 'exceptions:', ...policy.exceptions.map(exceptionText)]),
    ...(policy.vex === undefined ? [] : vexLines(policy.vex)),
    ...(policy.tests.length === 0
      ? []
      : ['', `${plural(policy.tests.length, 'expected outcome')}: "pratique policy test" tries them`]),
  ].join('\n');
}

function ruleLines(rule: Rule): string[] {
  const controls = rule.controls.length === 0 ? [] : [`        stands for ${rule.controls.join(', ')}`];
  return [`  ${rule.action.padEnd(4)}  ${rule.id}: ${oneLine(ruleText(rule), 400)}`, ...controls];
}

function exceptionText(exception: Exception): string {
  const ticket = exception.ticket === null ? '' : `, ${oneLine(exception.ticket, 100)}`;
  return `  until ${exception.expires}  ${exception.advisory} (${oneLine(whatText(exception), 300)}): ${oneLine(exception.reason, 200)} (${oneLine(exception.author, 100)}${ticket})`;
}
