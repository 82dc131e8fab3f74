import { stringify } from 'yaml';

/** Rules of every kind. A variant moves thresholds, so that its verdicts are others for some of the images. */
export function policyText(variant: number): string {
  return stringify({ version: 1, name: 'bench', rules: rules(variant) });
}

type Rule = Readonly<Record<string, unknown>>;

const severities = ['critical', 'high', 'medium', 'low'];

function rules(variant: number): readonly Rule[] {
  return [
    { id: 'exploited', action: 'deny', when: { knownExploited: true, fixAvailable: true } },
    {
      id: 'critical',
      action: 'deny',
      when: {
        severity: { atLeast: 'critical', unknown: false },
        fixAvailable: true,
        epss: { atLeast: 0.2 + (variant % 5) / 10, unknown: false },
      },
      grace: { period: '30d', knownExploited: 'none' },
    },
    { id: 'malware', action: 'deny', when: { kind: ['malware'] } },
    { id: 'likely', action: 'warn', when: { epss: { atLeast: 0.5, unknown: false } } },
    { id: 'severe', action: 'warn', when: { cvss: { atLeast: 9, unknown: true } } },
    {
      id: 'long-fixed',
      action: 'warn',
      when: { severity: { atLeast: 'high', unknown: false }, fixAvailableFor: '90d' },
    },
    { id: 'old', action: 'info', when: { publishedFor: '365d' }, count: { atLeast: 10 } },
    { id: 'wont-fix', action: 'info', when: { status: ['will_not_fix'] } },
    {
      id: 'network',
      action: 'warn',
      when: {
        severity: { atLeast: 'high', unknown: false },
        expression: 'has(finding.cvss) && finding.cvss >= 9.5 && has(finding.epss) && finding.epss > 0.3',
      },
    },
    { id: 'root', action: 'info', checks: ['runs-as-root'] },
    { id: 'ssh', action: 'deny', checks: ['exposes-ssh'] },
    { id: 'no-support', action: 'deny', image: { endOfLife: true } },
    { id: 'ancient', action: 'warn', image: { olderThan: '730d' } },
    { id: 'stale-scan', action: 'warn', image: { scanOlderThan: '90d' } },
    { id: 'no-team', action: 'warn', image: { label: { name: 'team', absent: true } } },
    {
      id: 'many',
      action: 'warn',
      when: { severity: { atLeast: 'medium', unknown: false } },
      count: { atLeast: 60 },
    },
    ...Array.from({ length: 34 }, (_, n) => ({
      id: `package-${n}`,
      title: `Team ${n} wants to know`,
      action: n % 3 === 0 ? 'deny' : 'warn',
      when: {
        package: Array.from({ length: 5 }, (_, one) => `package-${n}-${one}`),
        severity: { atLeast: severities[n % severities.length], unknown: true },
        ...(n % 2 === 0 ? { fixAvailable: true } : {}),
        ecosystem: n % 4 === 0 ? ['deb'] : ['deb', 'npm'],
      },
    })),
  ];
}
