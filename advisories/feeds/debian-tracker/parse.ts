import type { Advisory, AffectedPackage, UnfixedState } from '../../../core/ports/advisories.ts';
import type { FeedRecord } from '../feed.ts';
import { fieldOf, isObject, Malformed, proseOf, textOf } from '../osv/fields.ts';
import { severityOfWord } from '../osv/severity.ts';
import { summaryLine } from '../summary.ts';
import { debianReleases, withoutNumber } from './releases.ts';

const sourceName = /^[A-Za-z0-9][A-Za-z0-9+.-]{0,199}$/;
/** `CVE-2024-1234`, `TEMP-0807341-84E914`. */
const recordId = /^[A-Z]{2,16}(?:-[A-Za-z0-9]{1,32}){1,4}$/;

/**
 * Reads what Debian's tracker says of one source package: an object with a member per CVE. A release that cannot be
 * read is rejected alone, so that the others' are not lost.
 */
export function parseDebianSource(source: string, value: unknown): readonly FeedRecord[] {
  if (!sourceName.test(source)) return [rejected(summaryLine(source), 'it is no name of a package')];
  if (!isObject(value)) return [rejected(source, 'it is no object of CVEs')];
  return (Object.entries(value) as readonly [string, unknown][]).flatMap(([id, record]) => {
    const name = `${source} ${summaryLine(id)}`;
    if (!recordId.test(id)) return [rejected(name, 'its name is none of a CVE')];
    try {
      return recordsOf(source, id, record, name);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return [rejected(name, error.message)];
    }
  });
}

function rejected(name: string, why: string): FeedRecord {
  return { kind: 'rejected', name, why };
}

function recordsOf(source: string, id: string, record: unknown, name: string): readonly FeedRecord[] {
  if (!isObject(record)) throw new Malformed('it is no object');
  const releases = fieldOf(record, 'releases');
  // The tracker writes no releases as an empty list.
  if (typeof releases !== 'object' || releases === null || (Array.isArray(releases) && releases.length > 0)) {
    throw new Malformed('"releases" is no object');
  }
  const affected: AffectedPackage[] = [];
  const others: FeedRecord[] = [];
  for (const [codename, release] of Object.entries(releases) as readonly [string, unknown][]) {
    if (withoutNumber.has(codename)) continue;
    const number = debianReleases.get(codename);
    if (number === undefined) {
      others.push(rejected(unknownRelease(codename), 'which number this release has is not known'));
      continue;
    }
    try {
      const one = affectedOf(source, `Debian:${number}`, release);
      if (one !== null) affected.push(one);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      others.push(rejected(`${name} ${codename}`, error.message));
    }
  }
  if (affected.length === 0) return others;
  return [{ kind: 'advisory', advisory: advisoryOf(id, record, affected) }, ...others];
}

/** The same for every CVE, so that a release without a number is told once. */
function unknownRelease(codename: string): string {
  return `release ${JSON.stringify(codename.slice(0, 64))}`;
}

/** Null where the release is not affected. */
function affectedOf(source: string, ecosystem: string, release: unknown): AffectedPackage | null {
  if (!isObject(release)) throw new Malformed('it is no object');
  const status = textOf(release, 'status');
  const urgency = fieldOf(release, 'urgency');
  const common = { ecosystem, name: source, versions: [], severity: severityOfWord(urgency) };
  if (status === 'resolved') {
    const fixed = textOf(release, 'fixed_version');
    // The tracker's way to say that no version of the release ever was affected.
    if (fixed === '0') return null;
    return { ...common, ranges: [[{ introduced: '0' }, { fixed }]] };
  }
  const ranges = [[{ introduced: '0' }]];
  if (status === 'undetermined') return { ...common, ranges, state: 'undetermined' };
  if (status !== 'open') throw new Malformed(`its status "${summaryLine(status)}" is not known`);
  return { ...common, ranges, ...unfixed(release, urgency) };
}

/** What Debian says of a fault that has no fix in a release: `nodsa` is why it gets no advisory of its own. */
function unfixed(
  release: object,
  urgency: unknown,
): { readonly state?: UnfixedState; readonly note?: string } {
  if (urgency === 'end-of-life') {
    return { state: 'will_not_fix', note: 'end-of-life: no security support for this package' };
  }
  const reason = proseOf(release, 'nodsa_reason');
  const state: { readonly state?: UnfixedState } = reason === 'ignored' ? { state: 'will_not_fix' } : {};
  const why = proseOf(release, 'nodsa');
  if (why === null) return state;
  const how = reason === null ? 'no-dsa' : `no-dsa, ${reason}`;
  return { ...state, note: summaryLine(`${how}: ${why}`) };
}

function advisoryOf(id: string, record: object, affected: readonly AffectedPackage[]): Advisory {
  const isCve = id.startsWith('CVE-');
  return {
    // As osv.dev has it, which converts the same data.
    id: isCve ? `DEBIAN-${id}` : id,
    kind: 'vulnerability',
    aliases: [],
    upstream: isCve ? [id] : [],
    summary: summaryLine(proseOf(record, 'description') ?? ''),
    url: `https://security-tracker.debian.org/tracker/${id}`,
    severity: null,
    cvss: null,
    published: null,
    modified: null,
    affected,
  };
}
