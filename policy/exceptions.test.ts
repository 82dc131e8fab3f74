import { describe, expect, it } from '@jest/globals';
import type { FinalStatus } from '../core/verdict.ts';
import { finding, type Given, verdictOn } from './samples.ts';

describe('a verdict', () => {
  const exceptionRows: readonly (readonly [what: string, given: Given, status: FinalStatus])[] = [
    ['by alias', { exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'] }, 'pass'],
    ['by the record', { exceptions: ['advisory: DEBIAN-CVE-2024-1, expires: 2026-06-30'] }, 'pass'],
    ['of another advisory', { exceptions: ['advisory: CVE-2024-2, expires: 2026-06-30'] }, 'fail'],
    ['on its last day', { exceptions: ['advisory: CVE-2024-1, expires: 2026-06-01'] }, 'pass'],
    ['that is over', { exceptions: ['advisory: CVE-2024-1, expires: 2026-05-31'] }, 'fail'],
    [
      'for the source package',
      { exceptions: ['advisory: CVE-2024-1, package: openssl, expires: 2026-06-30'] },
      'pass',
    ],
    [
      'for another package',
      { exceptions: ['advisory: CVE-2024-1, package: zlib, expires: 2026-06-30'] },
      'fail',
    ],
    [
      'for this image',
      { exceptions: ['advisory: CVE-2024-1, image: docker.io/library/*, expires: 2026-06-30'] },
      'pass',
    ],
    [
      'for another image',
      { exceptions: ['advisory: CVE-2024-1, image: docker.io/other/*, expires: 2026-06-30'] },
      'fail',
    ],
    [
      'for one of two names of the image',
      {
        image: ['docker.io/library/x', 'reg.corp/x'],
        exceptions: ['advisory: CVE-2024-1, image: docker.io/**, expires: 2026-06-30'],
      },
      'fail',
    ],
    [
      'for an image, where no name is known',
      { image: [], exceptions: ['advisory: CVE-2024-1, image: "**/*", expires: 2026-06-30'] },
      'fail',
    ],
    [
      'of one CVE of a bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'],
      },
      'fail',
    ],
    [
      'of every CVE of a bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: [
          'advisory: CVE-2024-1, expires: 2026-06-30',
          'advisory: CVE-2024-2, expires: 2026-06-30',
        ],
      },
      'pass',
    ],
    ...['DEBIAN-CVE-2024-1', 'GHSA-1'].map((advisory): readonly [string, Given, FinalStatus] => [
      `of ${advisory}, a name of one of two in a bundle`,
      {
        findings: [
          finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2', 'DEBIAN-CVE-2024-1', 'GHSA-1'] }),
        ],
        exceptions: [`advisory: ${advisory}, expires: 2026-06-30`],
      },
      'fail',
    ]),
    [
      'of a record with the name of one of its two',
      {
        findings: [finding({ id: 'DEBIAN-CVE-2024-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: ['advisory: DEBIAN-CVE-2024-1, expires: 2026-06-30'],
      },
      'fail',
    ],
    [
      'of every CVE of a bundle, by whichever of their names',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2', 'DEBIAN-CVE-2024-1'] })],
        exceptions: [
          'advisory: DEBIAN-CVE-2024-1, expires: 2026-06-30',
          'advisory: CVE-2024-2, expires: 2026-06-30',
        ],
      },
      'pass',
    ],
    [
      'of the bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: ['advisory: DSA-1, expires: 2026-06-30'],
      },
      'pass',
    ],
  ];
  it.each(exceptionRows)('with an exception %s', (_what, given, status) => {
    expect(verdictOn({ findings: [finding()], ...given }).status).toBe(status);
  });

  it('shows what an exception lets through, and counts it no more', () => {
    const verdict = verdictOn({
      findings: [finding()],
      exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'],
    });
    expect(verdict.suppressed).toEqual([
      {
        id: 'DEBIAN-CVE-2024-1',
        name: 'CVE-2024-1',
        exception: null,
        ticket: null,
        package: 'libssl3',
        by: 'ada',
        reason: 'not called',
        expires: '2026-06-30',
      },
    ]);
    expect(verdict.summary).toMatchObject({ counts: { critical: 0 }, fixable: 0, worst: [] });
  });

  it('says that an exception is over', () => {
    const verdict = verdictOn({
      findings: [finding()],
      exceptions: ['advisory: CVE-2024-1, expires: 2026-05-31'],
    });
    expect(verdict.reasons[1]).toBe('the exception of CVE-2024-1 by ada ended on 2026-05-31');
  });
});
