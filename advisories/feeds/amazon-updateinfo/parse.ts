import type { FindingKind } from '../../../core/finding.ts';
import type { FeedRecord } from '../feed.ts';
import { severityOfWord } from '../osv/severity.ts';
import { isCve, isoTime } from '../record-parts.ts';
import { HighestFixes, isForDebuggers, isRpmName, rpmVersion } from '../rpm-packages.ts';
import { summaryLine } from '../summary.ts';
import { childrenNamed, elementAt, textAt, type XmlElement } from '../xml.ts';

const kinds: ReadonlyMap<string, FindingKind> = new Map([
  ['security', 'vulnerability'],
  ['bugfix', 'bugfix'],
  ['enhancement', 'bugfix'],
  ['newpackage', 'bugfix'],
  ['recommended', 'bugfix'],
]);

/**
 * One `update` of an updateinfo.xml.
 * @param release `2`, `2023`
 */
export function parseUpdate(update: XmlElement, release: string): FeedRecord {
  const id = textAt(update, 'id');
  const rejected = (why: string): FeedRecord => ({
    kind: 'rejected',
    name: id === '' ? 'an update without id' : id.slice(0, 100),
    why,
  });
  if (!/^ALAS[A-Z0-9._-]*-\d{4}-\d{1,6}$/i.test(id)) return rejected('its id is none of Amazon Linux');
  const type = update.attributes.get('type') ?? '';
  const kind = kinds.get(type);
  if (kind === undefined) return rejected(`it is of the unknown type "${type.slice(0, 40)}"`);
  const fixes = new HighestFixes();
  let packages = 0;
  for (const collection of elementAt(update, 'pkglist')?.children ?? []) {
    for (const one of childrenNamed(collection, 'package')) {
      packages++;
      const of = (key: string): string => one.attributes.get(key) ?? '';
      const version = rpmVersion(of('epoch'), of('version'), of('release'));
      if (version === null || !isRpmName(of('name'))) {
        return rejected(`package "${of('name').slice(0, 80)}" has no version that rpm knows`);
      }
      if (of('arch') === 'src' || isForDebuggers(of('name'))) continue;
      fixes.add(`Amazon Linux:${release}`, of('name'), version);
    }
  }
  if (packages === 0) return rejected('it names no package');
  const references = elementAt(update, 'references')?.children ?? [];
  const cves = references.flatMap((one) => one.attributes.get('id') ?? []).filter(isCve);
  return {
    kind: 'advisory',
    advisory: {
      id,
      kind,
      aliases: [],
      upstream: [...new Set(cves)],
      summary: summaryOf(textAt(update, 'title'), id),
      // The pages are named without the release: ALAS2023-2023-126 is AL2023/ALAS-2023-126.html.
      url: `https://alas.aws.amazon.com/AL${release}/${id.replace(/^ALAS\d*-/, 'ALAS-')}.html`,
      severity: severityOfWord(textAt(update, 'severity')),
      cvss: null,
      published: isoTime(elementAt(update, 'issued')?.attributes.get('date') ?? ''),
      modified: isoTime(elementAt(update, 'updated')?.attributes.get('date') ?? ''),
      affected: fixes.affected(),
    },
  };
}

/** `Amazon Linux 2 2017.12 - ALAS2-2018-942: important priority package update for qemu-kvm`, from the colon on. */
function summaryOf(title: string, id: string): string {
  const after = title.indexOf(`${id}:`);
  return summaryLine(after < 0 ? title : title.slice(after + id.length + 1));
}
