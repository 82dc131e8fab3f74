import type { Exception, Policy, Rule } from '../../policy/policy.ts';
import { listOf, oneLine } from '../../policy/text.ts';

/** A policy in words, for whoever wrote it to see what was understood. */
export function policyText(policy: Policy): string {
  const { require } = policy;
  return [
    `policy ${policy.name}, revision ${policy.revision}`,
    '',
    'rules:',
    ...policy.rules.map(ruleText),
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
  ].join('\n');
}

function ruleText(rule: Rule): string {
  return `  ${rule.action.padEnd(4)}  ${rule.id}: ${oneLine(conditionText(rule), 300)}`;
}

/** `a vulnerability or malware of severity critical or worse, with a fix, known to be exploited`. */
export function conditionText({ when }: Rule): string {
  const parts = [listOf(when.kinds)];
  if (when.severity !== null) {
    const { atLeast, unknown } = when.severity;
    const worse = atLeast === 'critical' ? atLeast : `${atLeast} or worse`;
    parts.push(`of severity ${worse}${unknown ? ' or unknown' : ''}`);
  }
  if (when.packages !== null) parts.push(`in ${listOf(when.packages)}`);
  if (when.ecosystems !== null) parts.push(`of type ${listOf(when.ecosystems)}`);
  if (when.fixAvailable !== null) parts.push(when.fixAvailable ? 'with a fix' : 'without a fix');
  if (when.knownExploited) parts.push('known to be exploited');
  return parts.join(', ');
}

function exceptionText(exception: Exception): string {
  const where = [
    exception.package === null ? 'every package' : exception.package,
    exception.image === null ? 'every image' : exception.image,
  ].join(', ');
  return `  until ${exception.expires}  ${exception.advisory} (${where}): ${oneLine(exception.reason, 200)} (${oneLine(exception.author, 100)})`;
}
