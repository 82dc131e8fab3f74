import type { Advisory, RangeEvent } from '../../../core/ports/advisories.ts';
import type { FeedRecord } from '../feed.ts';
import { fieldOf, hasControls, isObject, Malformed, textOf } from '../osv/fields.ts';
import { summaryLine } from '../summary.ts';
import { namesIn } from './names.ts';

/** What the distributions that publish in this format do differently. */
export interface SecdbDialect {
  readonly ecosystem: string;
  /** The advisory's own id for a CVE: `ALPINE-CVE-2021-1234`. */
  readonly cveId: (cve: string) => string;
  /** Where a person reads on. */
  readonly url: (name: string) => string;
}

/** What is gathered of one name within a package: it may be fixed in several versions, of several branches. */
interface Draft {
  readonly fixes: Set<string>;
  readonly others: Set<string>;
}

/**
 * Reads an element of `packages` of a security database in Alpine's format. It lists fixes only; one in version `0`
 * says that no version ever was affected.
 * @param file what rejected records are named after
 */
export function parseSecdbPackage(
  value: unknown,
  dialect: SecdbDialect,
  file: string,
): readonly FeedRecord[] {
  try {
    const pkg = isObject(value) ? fieldOf(value, 'pkg') : undefined;
    if (!isObject(pkg)) throw new Malformed('it has no "pkg"');
    return packageRecords(textOf(pkg, 'name'), fieldOf(pkg, 'secfixes'), dialect, file);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return [{ kind: 'rejected', name: `${file}: ${nameAtLeast(value)}`, why: error.message }];
  }
}

function packageRecords(
  name: string,
  secfixes: unknown,
  dialect: SecdbDialect,
  file: string,
): readonly FeedRecord[] {
  if (isNothing(secfixes)) return [];
  if (!isObject(secfixes)) throw new Malformed('"secfixes" is no object');
  const drafts = new Map<string, Draft>();
  const records: FeedRecord[] = [];
  for (const [fixed, list] of Object.entries(secfixes) as readonly [string, unknown][]) {
    const reject = (why: string): void => {
      records.push({ kind: 'rejected', name: `${file}: ${name} ${fixed}`.slice(0, 200), why });
    };
    if (isNothing(list)) continue;
    if (!isVersion(fixed)) reject('what it is fixed in is no version');
    else if (!Array.isArray(list)) reject('its names are no list');
    else if (fixed !== '0') {
      for (const entry of list as readonly unknown[]) take(entry, fixed, drafts, reject);
    }
  }
  const shared = sharedNames(drafts);
  for (const [id, draft] of drafts) {
    records.push({ kind: 'advisory', advisory: advisoryOf(id, name, draft, shared, dialect) });
  }
  return records;
}

/** Lua, in which the databases are made, writes an empty list as an empty object and the other way round. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

function isVersion(text: string): boolean {
  return text !== '' && text.length <= 200 && !/\s/.test(text) && !hasControls(text);
}

function take(
  entry: unknown,
  fixed: string,
  drafts: Map<string, Draft>,
  reject: (why: string) => void,
): void {
  const names = typeof entry === 'string' ? namesIn(entry) : null;
  if (names === null) {
    reject(`there is no name in ${summaryLine(JSON.stringify(entry) ?? 'nothing')}`);
    return;
  }
  for (const id of names.ids) {
    const draft = drafts.get(id) ?? { fixes: new Set(), others: new Set() };
    draft.fixes.add(fixed);
    for (const other of names.others) draft.others.add(other);
    drafts.set(id, draft);
  }
}

/** Names beside more than one CVE of the package (XSA-224 is about three): an alias of each would make them one. */
function sharedNames(drafts: ReadonlyMap<string, Draft>): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { others } of drafts.values()) {
    for (const other of others) (seen.has(other) ? shared : seen).add(other);
  }
  return shared;
}

function advisoryOf(
  id: string,
  name: string,
  draft: Draft,
  shared: ReadonlySet<string>,
  dialect: SecdbDialect,
): Advisory {
  const isCve = id.startsWith('CVE-');
  const own = isCve ? dialect.cveId(id) : id;
  const also = [...draft.others].filter((other) => shared.has(other));
  return {
    id: own,
    kind: 'vulnerability',
    aliases: [...draft.others].filter((other) => !shared.has(other)),
    upstream: own === id ? [] : [id],
    summary: also.length === 0 ? '' : summaryLine(`see ${also.join(', ')}`),
    url: dialect.url(id),
    severity: null,
    cvss: null,
    published: null,
    modified: null,
    affected: [
      {
        ecosystem: dialect.ecosystem,
        name,
        ranges: [...draft.fixes].map((fixed): readonly RangeEvent[] => [{ introduced: '0' }, { fixed }]),
        versions: [],
        severity: null,
      },
    ],
  };
}

function nameAtLeast(value: unknown): string {
  const pkg = isObject(value) ? fieldOf(value, 'pkg') : undefined;
  const name = isObject(pkg) ? fieldOf(pkg, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? summaryLine(name) : 'a package without a name';
}
