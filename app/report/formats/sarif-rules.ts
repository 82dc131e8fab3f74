import { type Check, checkGuides } from '../../../core/check.ts';
import { displayId, type Finding } from '../../../core/finding.ts';
import type { Severity } from '../../../core/severity.ts';
import { oneLine } from '../../../policy/text.ts';
import { webAddress } from './place.ts';

/** A reporting descriptor (SARIF 2.1.0, 3.49), with the properties that GitHub reads. */
export interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly helpUri?: string;
  readonly defaultConfiguration: { readonly level: SarifLevel };
  readonly properties: {
    readonly tags: readonly string[];
    readonly precision: 'high' | 'medium';
    /** A number from 0 to 10 as a text. */
    readonly 'security-severity'?: string;
  };
}

export type SarifLevel = 'error' | 'warning' | 'note';

const levels: Readonly<Record<Severity, SarifLevel>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  unknown: 'warning',
};
/** GitHub calls more than 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium and the rest low: from, to, and between. */
const scores: Readonly<Partial<Record<Severity, readonly [from: number, to: number, usual: number]>>> = {
  critical: [9.1, 10, 9.5],
  high: [7, 9, 8],
  medium: [4, 6.9, 5.5],
  low: [0.1, 3.9, 2],
  negligible: [0.1, 3.9, 0.5],
};

export function levelOf({ severity, kind }: Pick<Finding, 'severity' | 'kind'>): SarifLevel {
  if (kind === 'malware') return 'error';
  return kind === 'bugfix' ? 'note' : levels[severity];
}

export function findingRule(finding: Finding): SarifRule {
  const { severity, kind, cvss, summary, aliases, url } = finding;
  const id = displayId(finding);
  const title = oneLine(summary === '' ? id : `${id}: ${summary}`, 250);
  const told = oneLine(summary === '' ? id : summary, 1000);
  const names = [finding.id, ...aliases].filter((name) => name !== id).slice(0, 10);
  const [from, to, usual] = scores[severity] ?? [];
  const score = from === undefined ? null : inRange(cvss?.score ?? null, from, to ?? 10, usual ?? from);
  const address = webAddress(url);
  const text = [told, ...(names.length === 0 ? [] : [`Also known as ${names.join(', ')}.`])].join(' ');
  return {
    id: oneLine(id, 200),
    shortDescription: { text: messageText(title) },
    fullDescription: { text: messageText(told) },
    help: {
      text: messageText(text),
      markdown: [markdownText(text), ...(address === null ? [] : [`<${address}>`])].join('\n\n'),
    },
    ...(address === null ? {} : { helpUri: address }),
    defaultConfiguration: { level: levelOf(finding) },
    properties: {
      tags: kind === 'bugfix' ? ['bugfix'] : ['security', kind],
      precision: finding.status === 'undetermined' ? 'medium' : 'high',
      ...(score === null || kind === 'bugfix' ? {} : { 'security-severity': score.toFixed(1) }),
    },
  };
}

/** A score that says the same as the severity, else what is usual for it: the feed's own word counts. */
function inRange(score: number | null, from: number, to: number, usual: number): number {
  return score !== null && score >= from && score <= to ? score : usual;
}

export function checkRule({ id }: Check): SarifRule {
  const { title, reason, remedy } = checkGuides[id];
  const text = `${reason} ${remedy}`;
  return {
    id,
    shortDescription: { text: messageText(title) },
    fullDescription: { text: messageText(reason) },
    help: { text: messageText(text), markdown: markdownText(text) },
    defaultConfiguration: { level: 'warning' },
    properties: {
      tags: ['security', 'configuration'],
      precision: id === 'possible-secret' ? 'medium' : 'high',
    },
  };
}

/**
 * Adds a rule; of two with the same name, as two feeds have them for one CVE, the worse one stays.
 * @returns its id
 */
export function takeRule(rules: Map<string, SarifRule>, rule: SarifRule): string {
  const before = rules.get(rule.id);
  const score = (one: SarifRule): number => Number(one.properties['security-severity'] ?? 0);
  if (before === undefined || score(rule) > score(before)) rules.set(rule.id, rule);
  return rule.id;
}

/** A text in which brackets make no link and braces no place for an argument (SARIF 2.1.0, 3.11.5 and 3.11.6). */
export function messageText(text: string): string {
  return text.replaceAll(/[\\[\]]/g, '\\$&').replaceAll(/[{}]/g, '$&$&');
}

/** Text of which Markdown makes nothing but text. */
function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&');
}
