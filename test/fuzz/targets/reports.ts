import { isPratiqueError } from '../../../core/errors.ts';
import type { ScannerReport } from '../../../core/ports/scanner.ts';
import { readSbom } from '../../../scanner/documents/index.ts';
import { parseGrype } from '../../../scanners/grype/parse.ts';
import { digest, report as grype } from '../../../scanners/grype/samples.ts';
import { parseHarbor } from '../../../scanners/harbor/parse.ts';
import { report as harbor } from '../../../scanners/harbor/samples.ts';
import { parseTrivy } from '../../../scanners/trivy/parse.ts';
import { image, report as trivy } from '../../../scanners/trivy/samples.ts';
import type { Target } from '../target.ts';
import { magnitude, plain } from './facts.ts';
import { sbomSeeds, sbomWords } from './sbom-seeds.ts';
import { json, jsonWords } from './seeds.ts';

/** A report that cannot be read is an error of this code. */
function reading(read: () => ScannerReport): string {
  try {
    const { findings, looked } = read();
    return `${magnitude(findings.length)} ${plain(looked.system ?? '')} ${findings[0]?.severity ?? ''} ${findings[0]?.status ?? ''}`;
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'scanner-failed') return plain(error.message);
    throw error;
  }
}

function reportTarget(name: string, sample: unknown, read: (bytes: Buffer) => ScannerReport): Target {
  return {
    name,
    words: ['"Severity":"HIGH"', '"severity":"Critical"', '"fixed', '"version":', ...jsonWords],
    seeds: () => [json('', sample)],
    run: ({ bytes }) => reading(() => read(bytes)),
  };
}

/** What other programs wrote of an image. */
export const reportTargets: readonly Target[] = [
  {
    name: 'sbom-document',
    words: sbomWords,
    seeds: () => sbomSeeds(''),
    run: ({ bytes }) => {
      const read = readSbom(bytes);
      if (read.kind === 'none') return plain(read.why);
      for (const { name, version } of read.packages)
        if (name === '' || version === '') throw new Error('an empty field');
      return `${read.format} ${magnitude(read.packages.length)} ${read.os?.id ?? ''} ${read.incomplete.map(plain).join('; ')} ${read.unknown.length}`;
    },
  },
  reportTarget('trivy', trivy, (bytes) => parseTrivy(bytes, image, { version: '0.60.0', databaseAt: null })),
  reportTarget('grype', grype, (bytes) => parseGrype(bytes, digest)),
  reportTarget('harbor-report', harbor, (bytes) =>
    parseHarbor(bytes, digest, { databaseAt: null }, { system: null, types: [] }),
  ),
];
