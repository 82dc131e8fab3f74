import { describe, expect, it } from '@jest/globals';
import type { FinalStatus } from '../core/verdict.ts';
import { alpine, debian, finding, type Given, old, only, verdictOn } from './samples.ts';

describe('a verdict', () => {
  const rows: readonly [what: string, given: Given, status: FinalStatus, reason: string | null][] = [
    ['nothing found', {}, 'pass', null],
    [
      'critical with a fix',
      { findings: [finding()] },
      'fail',
      'CVE-2024-1 critical in libssl3 3.0.1-1 (fixed in 3.0.2-1): Critical, and a fix exists',
    ],
    [
      'critical without a fix',
      { findings: [finding({ fixedVersion: null, status: 'affected' })] },
      'pass',
      null,
    ],
    ['high with a fix', { findings: [finding({ severity: 'high' })] }, 'warn', 'CVE-2024-1 high in libssl3'],
    [
      'of unknown severity, with a fix',
      { findings: [finding({ severity: 'unknown' })] },
      'warn',
      'CVE-2024-1 of unknown severity in libssl3',
    ],
    [
      'of unknown severity, where the rule takes it',
      {
        findings: [finding({ severity: 'unknown' })],
        policy: only('{ severity: { atLeast: critical, unknown: true } }'),
      },
      'fail',
      'CVE-2024-1 of unknown severity in libssl3',
    ],
    [
      'undetermined',
      { findings: [finding({ status: 'undetermined' })] },
      'fail',
      'whether it applies could not be determined',
    ],
    [
      'known to be exploited, low, no fix',
      { findings: [finding({ kev: true, severity: 'low', fixedVersion: null })] },
      'fail',
      '(no fix): Known to be exploited',
    ],
    [
      'no catalogue, a finding that only it could deny',
      { findings: [finding({ kev: null, severity: 'low' })] },
      'error',
      'whether known-exploited denies 1 finding (CVE-2024-1) cannot be told: no known-exploited catalogue was imported; import one with "pratique advisories update"',
    ],
    ['no catalogue, and no finding', {}, 'pass', null],
    ['no catalogue, denied anyway', { findings: [finding({ kev: null })] }, 'fail', 'CVE-2024-1 critical'],
    [
      'no catalogue, and the rule only warns',
      { findings: [finding({ kev: null })], policy: only('{ knownExploited: true }', 'warn') },
      'warn',
      'Rule',
    ],
    [
      'no catalogue, and the rule is about other packages',
      { findings: [finding({ kev: null })], policy: only('{ knownExploited: true, package: [zlib] }') },
      'pass',
      null,
    ],
    [
      'malware',
      {
        findings: [
          finding({ id: 'MAL-1', aliases: [], kind: 'malware', severity: 'unknown', fixedVersion: null }),
        ],
      },
      'fail',
      'MAL-1 malware in libssl3 3.0.1-1 (no fix): Malicious package',
    ],
    ['a bug fix, however critical', { findings: [finding({ kind: 'bugfix', kev: true })] }, 'pass', null],
    [
      'a bug fix is not every finding',
      { findings: [finding({ kind: 'bugfix' })], policy: only('{ any: true }') },
      'pass',
      null,
    ],
    [
      'a bug fix named by a warning',
      { findings: [finding({ kind: 'bugfix' })], policy: only('{ kind: [bugfix] }', 'warn') },
      'warn',
      'Rule',
    ],
    [
      'any finding',
      { findings: [finding({ severity: 'negligible', fixedVersion: null })], policy: only('{ any: true }') },
      'fail',
      'Rule',
    ],
    [
      'no fix yet',
      { findings: [finding({ fixedVersion: null })], policy: only('{ fixAvailable: false }') },
      'fail',
      'Rule',
    ],
    [
      'a rule by the source package',
      { findings: [finding()], policy: only('{ package: [openssl] }') },
      'fail',
      'Rule',
    ],
    [
      'a rule for another ecosystem',
      { findings: [finding()], policy: only('{ ecosystem: [npm] }') },
      'pass',
      null,
    ],
    [
      'not covered',
      { coverage: [debian, alpine] },
      'error',
      'no advisories cover Alpine:v3.19 (15 packages): what is not covered is not clean',
    ],
    [
      'not covered, and warned of',
      { coverage: [alpine], policy: 'rules: []\nrequire: { coverage: warn }' },
      'warn',
      'no advisories cover',
    ],
    [
      'nothing says what is covered',
      { coverage: [] },
      'error',
      'nothing says that advisories cover its 1 package',
    ],
    [
      'not covered, and critical',
      { coverage: [alpine], findings: [finding()] },
      'fail',
      'CVE-2024-1 critical',
    ],
    [
      'unreadable',
      { inventory: { incomplete: [{ what: 'layer 2', why: 'it is cut off' }] } },
      'error',
      'layer 2 could not be read: it is cut off',
    ],
    ['no operating system', { inventory: { os: null } }, 'error', 'no os-release was found'],
    ['programs on an empty root', { inventory: { os: null, bare: true } }, 'pass', null],
    [
      'an empty root in which nothing is recognised',
      { inventory: { os: null, bare: true, packages: [] } },
      'error',
      'no os-release was found',
    ],
    ['no packages', { inventory: { packages: [] } }, 'error', 'no package was recognised'],
    [
      'nothing known, and all of it ignored by name',
      {
        inventory: { packages: [], os: null },
        coverage: [],
        advisoriesAt: null,
        policy: 'rules: []\nrequire: { packages: ignore, recognisedOs: ignore }',
      },
      'pass',
      null,
    ],
    [
      'old advisories',
      { coverage: [old] },
      'error',
      'the oldest advisories are of 2026-05-01T00:00:00.000Z, and may be 7d old at most',
    ],
    [
      'one old feed of two',
      { coverage: [debian, { ...old, ecosystem: 'npm' }] },
      'error',
      'the oldest advisories',
    ],
    [
      'old advisories outside the coverage (the catalogue)',
      { advisoriesAt: '2026-05-01T00:00:00Z' },
      'error',
      'the oldest advisories',
    ],
    [
      'old advisories, ignored',
      {
        coverage: [old],
        advisoriesAt: null,
        policy: 'rules: []\nrequire: { advisories: { action: ignore } }',
      },
      'pass',
      null,
    ],
    [
      'advisories of no known age',
      { coverage: [{ ...debian, updatedAt: null }] },
      'error',
      'how old the advisories are is not known',
    ],
    [
      'advisories of no readable age',
      { coverage: [{ ...debian, updatedAt: 'yesterday' }] },
      'error',
      'how old the advisories are is not known',
    ],
    [
      'an artifact',
      { inventory: { content: 'artifact', os: null, packages: [] }, coverage: [] },
      'fail',
      'this is no container image',
    ],
    [
      'an artifact that is allowed',
      {
        inventory: { content: 'artifact', os: null, packages: [] },
        coverage: [],
        policy: 'rules: []\nartifacts: allow',
      },
      'pass',
      null,
    ],
    [
      'an allowed artifact that could not be read',
      {
        inventory: { content: 'artifact', os: null, packages: [], incomplete: [{ what: 'x', why: 'y' }] },
        coverage: [],
        policy: 'rules: []\nartifacts: allow',
      },
      'error',
      'x could not be read',
    ],
    [
      'unfit to be judged, whatever the policy ignores',
      {
        inventory: { unfit: ['layer 1 is not what its diff_id says'] },
        policy: 'rules: []\nrequire: { completeInventory: ignore }',
      },
      'error',
      'layer 1 is not what its diff_id says',
    ],
    [
      'an allowed artifact that is unfit to be judged',
      { inventory: { content: 'artifact', unfit: ['x'] }, policy: 'rules: []\nartifacts: allow' },
      'error',
      'x',
    ],
  ];
  it.each(rows)('%s', (_what, given, status, reason) => {
    const verdict = verdictOn(given);
    expect(verdict.status).toBe(status);
    expect(verdict.reasons[0] ?? null).toEqual(reason === null ? null : expect.stringContaining(reason));
  });
});
