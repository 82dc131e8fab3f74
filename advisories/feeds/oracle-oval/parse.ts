import type { FindingKind } from '../../../core/finding.ts';
import type { AffectedPackage } from '../../../core/ports/advisories.ts';
import type { FeedRecord } from '../feed.ts';
import { severityOfWord } from '../osv/severity.ts';
import { isCve, isoTime, worstCvss } from '../record-parts.ts';
import { affectedFrom, HighestFixes } from '../rpm-packages.ts';
import { summaryLine } from '../summary.ts';
import { childrenNamed, elementAt, textAt, type XmlElement } from '../xml.ts';
import { fixesOf, type OvalFix } from './criteria.ts';

/** osv.dev has no Oracle Linux, so this name is ours. */
const ecosystem = 'Oracle Linux';

/** Builds for patching a running system. They sort above the ordinary ones and say nothing of these. */
const ksplice = /\.ksplice\d/;
/** Builds that were certified (FIPS 140), with an epoch of 10 that sets them above all ordinary ones. */
const certified = /^(\d{2,}):.*[._]fips/;

/** One definition of OVAL as Oracle writes it. */
export function parseDefinition(definition: XmlElement): FeedRecord | null {
  const metadata = elementAt(definition, 'metadata');
  const name = definition.attributes.get('id') ?? 'a definition without id';
  const rejected = (why: string): FeedRecord => ({ kind: 'rejected', name: name.slice(0, 100), why });
  if (metadata === null) return rejected('it has no metadata');
  const references = childrenNamed(metadata, 'reference');
  const own = references.find((one) => one.attributes.get('source')?.toLowerCase() === 'elsa');
  const id = own?.attributes.get('ref_id')?.trim() ?? '';
  const kind = kindOf(id);
  if (kind === null) return rejected(`"${id.slice(0, 40)}" is no id of an Oracle Linux advisory`);
  const criteria = elementAt(definition, 'criteria');
  if (criteria === null) return { kind: 'rejected', name: id, why: 'it has no criteria' };
  const fixes = fixesOf(criteria);
  if (typeof fixes === 'string') return { kind: 'rejected', name: id, why: fixes };
  if (fixes.length === 0) return { kind: 'rejected', name: id, why: 'it names no package' };
  const affected = affectedOf(fixes);
  // All of it is about ksplice.
  if (affected.length === 0) return null;
  const cves = elementAt(metadata, 'advisory')?.children.filter((one) => one.name === 'cve') ?? [];
  const named = [
    ...references.map((one) => one.attributes.get('ref_id') ?? ''),
    ...cves.map((one) => one.text),
  ];
  return {
    kind: 'advisory',
    advisory: {
      id,
      kind,
      aliases: [],
      upstream: [...new Set(named.map((text) => text.trim()).filter(isCve))],
      summary: summaryOf(textAt(metadata, 'title'), id, fixes),
      url: `https://linux.oracle.com/errata/${id}.html`,
      severity: severityOfWord(textAt(metadata, 'advisory', 'severity')),
      cvss: worstCvss(cves.map((one) => (one.attributes.get('cvss3') ?? '').replace(/^[\d.]+\//, ''))),
      published: isoTime(elementAt(metadata, 'advisory', 'issued')?.attributes.get('date') ?? ''),
      modified: null,
      affected,
    },
  };
}

function kindOf(id: string): FindingKind | null {
  const letter = /^EL([SBE])A-\d{4}-[\w.-]{1,20}$/.exec(id)?.[1];
  return letter === undefined ? null : letter === 'S' ? 'vulnerability' : 'bugfix';
}

function affectedOf(fixes: readonly OvalFix[]): readonly AffectedPackage[] {
  const ordinary = new HighestFixes();
  const others: AffectedPackage[] = [];
  for (const { release, name, version } of fixes) {
    if (ksplice.test(version)) continue;
    const where = `${ecosystem}:${release}`;
    const epoch = certified.exec(version)?.[1];
    if (epoch !== undefined) {
      // Only certified builds lie between the first version of that epoch and the fix.
      others.push(affectedFrom(where, name, [{ introduced: `${epoch}:0` }, { fixed: version }]));
    } else if (!/[._]fips/.test(version)) ordinary.add(where, name, version);
  }
  return [...ordinary.affected(), ...others];
}

/** Without the id and the severity that Oracle puts around it; the modules' streams named, by which matching tells them. */
function summaryOf(title: string, id: string, fixes: readonly OvalFix[]): string {
  const plain = title
    .replace(`${id}:`, '')
    .replace(/\((?:CRITICAL|IMPORTANT|MODERATE|LOW|N\/A)\)\s*$/, '')
    .trim();
  const words = new Set(plain.split(/[\s,;]+/));
  const unnamed = new Set(
    fixes.flatMap(({ module }) => (module === null || words.has(module) ? [] : [module])),
  );
  return summaryLine([...unnamed, plain].join(' '));
}
