import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** A record in OSV shape (schema 1.6), as far as tests need it. */
export interface OsvRecord {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface KevEntry {
  readonly cveID: string;
  readonly dateAdded: string;
}

/** Ecosystem name → records; strings are written as they are, so that a broken record can be among them. */
export interface OsvFeeds {
  readonly kev?: readonly KevEntry[];
  readonly [ecosystem: string]: readonly (OsvRecord | KevEntry | string)[] | undefined;
}

/**
 * Writes `<dir>/<Ecosystem>/all.zip` for each ecosystem and, with `kev`,
 * `<dir>/feeds/known_exploited_vulnerabilities.json`.
 */
export async function writeOsvDirectory(dir: string, feeds: OsvFeeds): Promise<void> {
  const { kev, ...ecosystems } = feeds;
  for (const [ecosystem, records] of Object.entries(ecosystems)) {
    await mkdir(join(dir, ecosystem), { recursive: true });
    await writeZip(join(dir, ecosystem, 'all.zip'), records ?? []);
  }
  if (kev === undefined) return;
  await mkdir(join(dir, 'feeds'), { recursive: true });
  const catalogue = { title: 'Known Exploited Vulnerabilities', count: kev.length, vulnerabilities: kev };
  await writeFile(join(dir, 'feeds', 'known_exploited_vulnerabilities.json'), JSON.stringify(catalogue));
}

async function writeZip(file: string, records: readonly (OsvRecord | KevEntry | string)[]): Promise<void> {
  const zip = new ZipFile();
  const mtime = new Date(Date.UTC(2026, 0, 1));
  for (const [position, record] of records.entries()) {
    const text = typeof record === 'string' ? record : JSON.stringify(record);
    const id = typeof record === 'object' && 'id' in record ? String(record.id) : `broken-${position}`;
    zip.addBuffer(Buffer.from(text), `${id}.json`, { mtime });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}

export interface OsvRecordSpec {
  readonly id: string;
  /** OSV's words, release included: `Debian:12`. */
  readonly ecosystem: string;
  readonly package: string;
  readonly introduced?: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
  readonly aliases?: readonly string[];
  readonly upstream?: readonly string[];
  /** A CVSS v3.1 vector. */
  readonly cvss?: string;
  /** As in GitHub's records: LOW, MODERATE, HIGH, CRITICAL. */
  readonly severity?: string;
  readonly summary?: string;
  readonly modified?: string;
  readonly published?: string;
  readonly withdrawn?: string;
}

/** One record for one package with one range; `introduced` is "0" if left out. */
export function osvRecord(spec: OsvRecordSpec): OsvRecord {
  const events: object[] = [{ introduced: spec.introduced ?? '0' }];
  if (spec.fixed !== undefined) events.push({ fixed: spec.fixed });
  if (spec.lastAffected !== undefined) events.push({ last_affected: spec.lastAffected });
  const type = ['npm', 'crates.io', 'Go'].includes(spec.ecosystem) ? 'SEMVER' : 'ECOSYSTEM';
  return {
    schema_version: '1.6.0',
    id: spec.id,
    modified: spec.modified ?? '2026-01-01T00:00:00Z',
    published: spec.published ?? '2026-01-01T00:00:00Z',
    summary: spec.summary ?? `${spec.id} in ${spec.package}`,
    ...(spec.aliases === undefined ? {} : { aliases: spec.aliases }),
    ...(spec.upstream === undefined ? {} : { upstream: spec.upstream }),
    ...(spec.withdrawn === undefined ? {} : { withdrawn: spec.withdrawn }),
    ...(spec.cvss === undefined ? {} : { severity: [{ type: 'CVSS_V3', score: spec.cvss }] }),
    ...(spec.severity === undefined ? {} : { database_specific: { severity: spec.severity } }),
    affected: [
      {
        package: { ecosystem: spec.ecosystem, name: spec.package },
        ranges: [{ type, events }],
        versions: [],
      },
    ],
  };
}
