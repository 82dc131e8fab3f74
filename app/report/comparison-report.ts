import type { Finding } from '../../core/finding.ts';
import type { Comparison, Single } from '../../scanners/compare/compare.ts';
import { formatTable } from './table.ts';

/** The JSON of `pratique scan --compare`, below `comparison`. */
export function comparisonJson(comparison: Comparison): object {
  const plain = ({ package: name, version, severity, fixedVersion, status }: Finding): object => ({
    package: name,
    version,
    severity,
    fixedVersion,
    status,
  });
  const single = ({ name, finding, why }: Single): object => ({ id: name, ...plain(finding), why });
  return {
    scanner: comparison.scanner,
    databaseAt: comparison.databaseAt,
    both: comparison.both.map(({ name, ours, theirs, differs }) => ({
      id: name,
      package: ours.package,
      version: ours.version,
      ours: plain(ours),
      theirs: plain(theirs),
      differs,
    })),
    onlyOurs: comparison.onlyOurs.map(single),
    onlyTheirs: comparison.onlyTheirs.map(single),
  };
}

/** For a person: what the two agree on in one line, and every difference with its reason. */
export function comparisonText({ scanner, databaseAt, both, onlyOurs, onlyTheirs }: Comparison): string {
  const name = `${scanner.name} ${scanner.version}`.trim();
  const differing = both.filter(({ differs }) => differs.length > 0);
  const rows = [
    ...onlyOurs.map(({ name: id, finding, why }) => ['only here', ...cells(id, finding), why]),
    ...onlyTheirs.map(({ name: id, finding, why }) => [`only ${scanner.name}`, ...cells(id, finding), why]),
    ...differing.map(({ name: id, ours, differs }) => ['both', ...cells(id, ours), differs.join('; ')]),
  ];
  const head = `compared with ${name} (${databaseAt === null ? 'of an unknown day' : `advisories of ${databaseAt}`}): ${both.length} found by both, ${onlyOurs.length} only here, ${onlyTheirs.length} only by ${scanner.name}, ${differing.length} told otherwise`;
  if (rows.length === 0) return head;
  return `${head}\n\n${formatTable(['FOUND', 'ID', 'PACKAGE', 'VERSION', 'SEVERITY', 'WHY'], rows)}`;
}

function cells(id: string, { package: name, version, severity }: Finding): readonly string[] {
  return [id, name, version, severity];
}
