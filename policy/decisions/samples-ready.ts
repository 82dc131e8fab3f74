import type { FinalStatus } from '../../core/verdict.ts';
import type { MadeUp } from './samples-made-up.ts';

/** What the policies that are always there say of images. docs/policy.md shows this table, and a test runs it. */

export const columns = ['baseline', 'strict', 'known-exploited', 'audit'] as const;
type Statuses = readonly [
  baseline: FinalStatus,
  strict: FinalStatus,
  knownExploited: FinalStatus,
  audit: FinalStatus,
];

const old = '2026-01-01';
const fresh = '2026-05-30';

export const readyDecisions: readonly (readonly [found: string, image: MadeUp, statuses: Statuses])[] = [
  ['nothing', {}, ['pass', 'pass', 'pass', 'pass']],
  [
    'low, known to be exploited, without a fix',
    { findings: [{ id: 'CVE-1', severity: 'low', knownExploited: true }] },
    ['fail', 'fail', 'fail', 'warn'],
  ],
  [
    'low, and no known-exploited catalogue was imported',
    { findings: [{ id: 'CVE-1', severity: 'low', knownExploited: null }] },
    ['error', 'error', 'error', 'warn'],
  ],
  ['malware', { findings: [{ id: 'MAL-1', kind: 'malware' }] }, ['fail', 'fail', 'fail', 'warn']],
  [
    'critical, with a fix, published long ago',
    { findings: [{ id: 'CVE-1', severity: 'critical', fixedVersion: '2', published: old }] },
    ['fail', 'fail', 'pass', 'warn'],
  ],
  [
    'critical, with a fix, published two days ago',
    { findings: [{ id: 'CVE-1', severity: 'critical', fixedVersion: '2', published: fresh }] },
    ['fail', 'warn', 'pass', 'warn'],
  ],
  [
    'critical, without a fix, published long ago',
    { findings: [{ id: 'CVE-1', severity: 'critical', published: old }] },
    ['pass', 'fail', 'pass', 'warn'],
  ],
  [
    'high, with a fix, published long ago',
    { findings: [{ id: 'CVE-1', severity: 'high', fixedVersion: '2', published: old }] },
    ['warn', 'fail', 'pass', 'warn'],
  ],
  [
    'of unknown severity, with a fix',
    { findings: [{ id: 'CVE-1', severity: 'unknown', fixedVersion: '2' }] },
    ['warn', 'fail', 'pass', 'warn'],
  ],
  [
    'medium, with a fix that has been there for months',
    { findings: [{ id: 'CVE-1', severity: 'medium', fixedVersion: '2', fixedSince: old }] },
    ['pass', 'warn', 'pass', 'pass'],
  ],
  [
    'low, and EPSS gives it 0.7',
    { findings: [{ id: 'CVE-1', severity: 'low', epss: 0.7 }] },
    ['pass', 'fail', 'pass', 'pass'],
  ],
  ['a bug fix', { findings: [{ id: 'RHBA-1', kind: 'bugfix' }] }, ['pass', 'pass', 'pass', 'pass']],
  ['a release without support', { image: { endOfLife: '2026-01-01' } }, ['pass', 'fail', 'pass', 'warn']],
  ['a secret in a file', { image: { checks: ['secret-in-file'] } }, ['warn', 'fail', 'pass', 'warn']],
  ['a setuid program of its own', { image: { checks: ['setuid-file'] } }, ['pass', 'warn', 'pass', 'pass']],
  ['it runs as root', { image: { checks: ['runs-as-root'] } }, ['pass', 'warn', 'pass', 'warn']],
  ['it exposes SSH', { image: { checks: ['exposes-ssh'] } }, ['pass', 'fail', 'pass', 'warn']],
  ['a config that could not be read', { image: { facts: null } }, ['pass', 'error', 'pass', 'warn']],
  ['packages that no advisories cover', { image: { covered: false } }, ['error', 'error', 'error', 'warn']],
  [
    'advisories of three days ago',
    { image: { advisories: '2026-05-29' } },
    ['pass', 'error', 'pass', 'pass'],
  ],
  [
    'something that could not be read',
    { image: { incomplete: ['a jar'] } },
    ['error', 'error', 'error', 'warn'],
  ],
  ['a chart', { image: { content: 'artifact' } }, ['fail', 'fail', 'fail', 'pass']],
  [
    'a layer that is not what it says',
    { image: { unfit: ['layer 1'] } },
    ['error', 'error', 'error', 'error'],
  ],
];
