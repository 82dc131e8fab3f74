import { PratiqueError } from '../../core/errors.ts';
import { formatPlatform } from '../../core/platform.ts';
import { cycloneDxDocument } from '../../sbom/cyclonedx.ts';
import { spdxDocument } from '../../sbom/spdx.ts';
import type { SbomInput } from '../../sbom/subject.ts';
import { junitXml, unscannedJunit } from './formats/junit.ts';
import { lastingName } from './formats/place.ts';
import { sarifLog, unscannedSarif } from './formats/sarif.ts';
import { scanJson, type Unscanned, unscannedJson, unscannedText } from './scan-report.ts';
import type { ScanResult } from './scan-result.ts';
import { scanTable, type TableOptions } from './scan-table.ts';

export const scanFormats = ['table', 'json', 'sarif', 'cyclonedx', 'spdx', 'junit'] as const;
export type ScanFormat = (typeof scanFormats)[number];

export interface DocumentOptions extends TableOptions {
  readonly format: ScanFormat;
  readonly scanner: { readonly name: string; readonly version: string };
  /** Whether a bill of materials has what was found with it (CycloneDX alone has a place for that). */
  readonly vulnerabilities: boolean;
}

/**
 * What a scan found, in the format that was asked for.
 * @param results worst first, one at least
 * @throws PratiqueError `usage-invalid` where the format tells one image and there are several
 */
export function scanDocument(results: readonly ScanResult[], options: DocumentOptions): string {
  const { format, scanner } = options;
  switch (format) {
    case 'table':
      return results.map((result) => scanTable(result, options)).join('\n\n');
    case 'json':
      return text(jsonOf(results, scanner));
    case 'sarif':
      return text(sarifLog(results, scanner));
    case 'junit':
      return junitXml(results);
    case 'cyclonedx': {
      const one = theOnly(results, format);
      const found = options.vulnerabilities
        ? { found: one.match.findings, suppressed: one.verdict.suppressed }
        : {};
      return text(cycloneDxDocument({ ...sbomInput(one, scanner), ...found }));
    }
    case 'spdx':
      return text(spdxDocument(sbomInput(theOnly(results, format), scanner)));
  }
}

/** What a rule has decided before anything was inspected. */
export function unscannedDocument(unscanned: Unscanned, format: ScanFormat, at: string): string {
  switch (format) {
    case 'json':
      return text(unscannedJson(unscanned));
    case 'sarif':
      return text(unscannedSarif(unscanned));
    case 'junit':
      return unscannedJunit(unscanned, at);
    case 'table':
      return unscannedText(unscanned);
    case 'cyclonedx':
    case 'spdx':
      throw new PratiqueError(
        'vetting-failed',
        `there is no bill of materials: ${unscannedText(unscanned)}`,
        { reference: unscanned.reference },
      );
  }
}

function text(value: object): string {
  return JSON.stringify(value, null, 2);
}

/** The worst one; where there are several, all of them below `platforms` as well. */
function jsonOf(results: readonly ScanResult[], scanner: DocumentOptions['scanner']): object {
  const [first = {}, ...rest] = results.map((result) => scanJson(result, scanner));
  return rest.length === 0 ? first : { ...first, platforms: [first, ...rest] };
}

function theOnly(results: readonly ScanResult[], format: ScanFormat): ScanResult {
  const [first] = results;
  if (first !== undefined && results.length === 1) return first;
  const platforms = results.map(({ inventory: { platform } }) =>
    platform === null ? '?' : formatPlatform(platform),
  );
  throw new PratiqueError(
    'usage-invalid',
    `--format ${format} tells one image, and there are those for ${platforms.join(', ')}: choose one with --platform`,
  );
}

function sbomInput(
  { reference, digest, inventory, verdict, inRegistry }: ScanResult,
  scanner: DocumentOptions['scanner'],
): SbomInput {
  const repository = lastingName(reference);
  return {
    inventory,
    repository,
    repositoryUrl: inRegistry ? repository : null,
    digest,
    created: Date.parse(verdict.evaluatedAt),
    tool: { name: 'Pratique', version: scanner.version },
  };
}
