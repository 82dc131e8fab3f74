import { type OsvFeeds, type OsvRecord, osvRecord } from '../../test/support/osv.ts';
import { randomOf } from '../../test/support/random.ts';
import { subjects } from './recorded-images.ts';

const systems = 'Debian:12';
const severities = ['LOW', 'MODERATE', 'HIGH', 'CRITICAL'];

/** Records that are changed or added by an increment: half of them each. */
const changed = 500;

/**
 * OSV records of the packages that recorded images draw from, after so many increments. An increment changes what 250
 * records say and adds 250, of popular packages as of others; made from its number alone.
 */
export function feedsAfter(increments: number): { readonly feeds: OsvFeeds; readonly records: number } {
  const { debian, npm } = subjects();
  const random = randomOf(4711);
  const records: OsvRecord[][] = [[], []];
  let id = 0;
  const add = (ecosystem: 0 | 1, name: string, from: () => number): void => {
    id += 1;
    records[ecosystem]?.push(recordOf(ecosystem, `2025-${10_000 + id}`, name, from));
  };
  for (const name of debian) for (let n = 0; n < countOf(random); n += 1) add(0, name, random);
  for (const name of npm) for (let n = 0; n < countOf(random); n += 1) add(1, name, random);
  for (let increment = 1; increment <= increments; increment += 1) {
    const from = randomOf(900 + increment);
    for (let n = 0; n < changed; n += 1) {
      const ecosystem = from() < 0.5 ? 0 : 1;
      const names = ecosystem === 0 ? debian : npm;
      const list = records[ecosystem] ?? [];
      if (n % 2 === 0) {
        add(ecosystem, names[Math.floor(from() ** 2 * names.length)] ?? '', from);
        continue;
      }
      const at = Math.floor(from() * list.length);
      const { affected, id: known } = list[at] as OsvRecord & {
        readonly affected: readonly [{ readonly package: { readonly name: string } }];
      };
      list[at] = recordOf(
        ecosystem,
        known.replace(/^(?:DEBIAN-CVE|GHSA)-/, ''),
        affected[0].package.name,
        from,
      );
    }
  }
  const [Debian = [], npmRecords = []] = records;
  return { feeds: { Debian, npm: npmRecords }, records: Debian.length + npmRecords.length };
}

/** A seventh of the packages have advisories, a few of them many. */
function countOf(random: () => number): number {
  return random() < 0.85 ? 0 : Math.ceil(random() ** 2 * 6);
}

function recordOf(ecosystem: 0 | 1, number: string, name: string, random: () => number): OsvRecord {
  const fixed = random() < 0.6 ? `${Math.ceil(random() * 14)}.${Math.floor(random() * 30)}.0` : undefined;
  const base = {
    package: name,
    ...(fixed === undefined ? {} : { fixed }),
    published: new Date(Date.UTC(2024, 0, 1 + Math.floor(random() * 700))).toISOString(),
    summary: `A flaw in ${name} lets who sends it a request do ${Math.floor(random() * 1e6)} without being asked.`,
    severity: severities[Math.floor(random() * severities.length)] ?? 'LOW',
  };
  return ecosystem === 0
    ? osvRecord({ ...base, id: `DEBIAN-CVE-${number}`, ecosystem: systems, upstream: [`CVE-${number}`] })
    : osvRecord({ ...base, id: `GHSA-${number}`, ecosystem: 'npm', aliases: [`CVE-${number}`] });
}
