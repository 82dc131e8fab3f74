/** What a pom.xml says of its own project; null: nothing, or only where another file fills it in. */
export interface Pom {
  readonly group: string | null;
  readonly artifact: string | null;
  readonly version: string | null;
  readonly licenses: readonly string[];
}

/** Elements below the root, by what they are called from there. */
const wanted: ReadonlySet<string> = new Set([
  ...['project/groupId', 'project/artifactId', 'project/version'],
  ...['project/parent/groupId', 'project/parent/version'],
  'project/licenses/license/name',
]);
const deepestWanted = 4;
const mostLicenses = 20;

/** Reads Maven's model of a project (POM reference) in one pass, without what it would inherit. Never throws. */
export function pomOf(content: Buffer): Pom {
  const values = new Map<string, string[]>();
  for (const { path, text } of elementsOf(content.toString('utf8'))) {
    const others = values.get(path) ?? [];
    if (others.length < mostLicenses) others.push(text);
    values.set(path, others);
  }
  const first = (...paths: readonly string[]): string | null =>
    paths.map((path) => usable(values.get(path)?.[0])).find((text) => text !== null) ?? null;
  return {
    group: first('project/groupId', 'project/parent/groupId'),
    artifact: first('project/artifactId'),
    version: first('project/version', 'project/parent/version'),
    licenses: values.get('project/licenses/license/name') ?? [],
  };
}

/** `${revision}` is filled in elsewhere. */
function usable(text: string | undefined): string | null {
  return text === undefined || /^$|[\s${}\p{Surrogate}]/u.test(text) ? null : text;
}

interface Element {
  readonly path: string;
  readonly text: string;
}

/** The wanted elements with the text that they begin with. Comments and the like are passed over. */
function* elementsOf(text: string): Generator<Element> {
  const open: string[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const other = passOver(text, at);
    if (other !== null) {
      at = other;
      continue;
    }
    const end = text.indexOf('>', at);
    if (end < 0) return;
    if (text[at + 1] === '/') open.pop();
    else if (text[end - 1] !== '/') {
      open.push(nameAt(text, at + 1, end));
      const path = open.length <= deepestWanted ? open.join('/') : '';
      if (wanted.has(path)) yield { path, text: textAt(text, end + 1) };
    }
    at = end + 1;
  }
}

/** Behind a comment, a section of text, an instruction or a declaration that begins here; null: none does. */
function passOver(text: string, at: number): number | null {
  if (text.startsWith('<!--', at)) return behind(text, '-->', at + 4);
  if (text.startsWith('<![CDATA[', at)) return behind(text, ']]>', at + 9);
  return text[at + 1] === '?' || text[at + 1] === '!' ? behind(text, '>', at) : null;
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function nameAt(text: string, from: number, end: number): string {
  const longest = 40;
  return /^[\w.:-]*/.exec(text.slice(from, Math.min(end, from + longest)))?.[0] ?? '';
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

function textAt(text: string, from: number): string {
  const end = text.indexOf('<', from);
  const raw = text.slice(from, end < 0 ? text.length : end).trim();
  return raw.replaceAll(/&[a-z]{2,4};/g, (entity) => entities.get(entity) ?? entity).replaceAll(/\s+/g, ' ');
}
