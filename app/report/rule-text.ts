import type { Condition, Duration, ImageCondition, PackageCondition, Rule } from '../../policy/policy.ts';
import { listOf, oneLine, plural } from '../../policy/text.ts';

/** A rule in words, for whoever wrote it to see what was understood: what it catches, from when on. */
export function ruleText(rule: Rule): string {
  switch (rule.subject) {
    case 'findings': {
      const { count, grace, when } = rule;
      const parts = [
        ...(count > 1 ? [`at least ${plural(count, 'finding')}:`] : []),
        conditionText(when),
        ...(grace === null ? [] : [`(warns for ${graceText(grace.period, grace.knownExploited)})`]),
      ];
      return parts.join(' ');
    }
    case 'packages':
      return `a package ${packageText(rule.packages)}`;
    case 'checks':
      return `an image that ${listOf(rule.checks.map((id) => `fails the check ${id}`))}`;
    case 'image':
      return `an image ${imageText(rule.image)}`;
    case 'expression':
      return `an image for which ${rule.expression}`;
  }
}

/** `vulnerability or malware, of severity critical or worse, with a fix`. */
export function conditionText(when: Condition): string {
  const parts = [listOf(when.kinds)];
  if (when.severity !== null) {
    const { atLeast, unknown } = when.severity;
    parts.push(`of severity ${orWorse(atLeast)}${unknown ? ' or unknown' : ''}`);
  }
  for (const [name, threshold] of [
    ['CVSS', when.cvss],
    ['EPSS', when.epss],
  ] as const) {
    if (threshold !== null)
      parts.push(`${name} at least ${threshold.atLeast}${threshold.unknown ? ' or unknown' : ''}`);
  }
  if (when.packages !== null) parts.push(`in ${listOf(when.packages)}`);
  if (when.ecosystems !== null) parts.push(`of type ${listOf(when.ecosystems)}`);
  if (when.statuses !== null) parts.push(`of status ${listOf(when.statuses)}`);
  if (when.fixAvailable !== null) parts.push(when.fixAvailable ? 'with a fix' : 'without a fix');
  if (when.fixAvailableFor !== null) parts.push(`with a fix for ${when.fixAvailableFor.text}`);
  if (when.publishedFor !== null) parts.push(`published ${when.publishedFor.text} ago or before`);
  if (when.knownExploited) parts.push('known to be exploited');
  if (when.expression !== null) parts.push(`for which ${when.expression}`);
  return parts.join(', ');
}

function orWorse(severity: string): string {
  return severity === 'critical' ? severity : `${severity} or worse`;
}

function graceText(period: Duration, knownExploited: Duration | null): string {
  const exploited = knownExploited === null ? 'no time' : knownExploited.text;
  return `${period.text} after it was published; known to be exploited: ${exploited}`;
}

function packageText({ names, ecosystems, licences, versions, expression }: PackageCondition): string {
  const parts = [
    ...(names === null ? [] : [`named ${listOf(names)}`]),
    ...(ecosystems === null ? [] : [`of type ${listOf(ecosystems)}`]),
    ...(versions === null ? [] : [`in version ${listOf(versions)}`]),
    ...(licences === null ? [] : [`under licence ${listOf(licences)}`]),
    ...(expression === null ? [] : [`for which ${expression}`]),
  ];
  return parts.join(', ');
}

function imageText(image: ImageCondition): string {
  const { endOfLifeWithin, olderThan, scanOlderThan, label, os, user } = image;
  const parts: string[] = [];
  if (endOfLifeWithin !== null)
    parts.push(
      endOfLifeWithin.milliseconds === 0
        ? 'whose release has no support'
        : `whose release has no support in ${endOfLifeWithin.text}`,
    );
  if (olderThan !== null) parts.push(`older than ${olderThan.text}`);
  if (scanOlderThan !== null) parts.push(`inspected longer than ${scanOlderThan.text} ago`);
  if (label !== null)
    parts.push(
      label.value === null
        ? `without the label ${oneLine(label.name, 100)}`
        : `labelled ${oneLine(`${label.name}=${label.value}`, 200)}`,
    );
  if (os !== null) parts.push(`of ${listOf(os)}`);
  if (user !== null) parts.push(`that runs as ${listOf(user)}`);
  return parts.join(', ');
}
