/** The longest real ones list packages that a bundle imports. In bytes. */
export const largestMainSection = 2 * 1024 ** 2;

/** What is of interest in it. */
const attributeNames: ReadonlySet<string> = new Set([
  ...['group-id', 'artifact-id', 'short-name'],
  ...['implementation-version', 'bundle-version', 'plugin-version'],
  ...['bundle-symbolicname', 'automatic-module-name', 'implementation-title', 'bundle-license'],
]);

/**
 * The main section of a manifest, by names in small letters (JAR file specification, "Manifest format"). Lines end in
 * CR, LF or both and go on after a single space; sections of single entries follow an empty line. Null: it is larger
 * than any real one.
 */
export function manifestOf(content: Buffer): ReadonlyMap<string, string> | null {
  const end = endOfMainSection(content);
  if (end > largestMainSection) return null;
  const attributes = new Map<string, string>();
  let open: string | null = null;
  for (const line of content.toString('utf8', 0, end).split(/\r\n|\r|\n/)) {
    if (line.startsWith(' ')) {
      if (open !== null) attributes.set(open, `${attributes.get(open) ?? ''}${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    open = attributeNames.has(name) ? name : null;
    if (open !== null) attributes.set(open, line.slice(colon + 1).trimStart());
  }
  return new Map([...attributes].map(([name, value]) => [name, value.trim()]));
}

/** Signed archives list every entry behind it, up to megabytes. */
function endOfMainSection(content: Buffer): number {
  const ends = ['\n\n', '\n\r\n', '\r\r'].map((end) => content.indexOf(end)).filter((at) => at >= 0);
  return Math.min(content.length, ...ends);
}

/** `key=value` lines of Java's properties format, as far as Maven writes them: without lines that go on. */
export function propertiesOf(content: Buffer): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const raw of content.toString('utf8').split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    const equals = line.search(/[=:]/);
    if (equals <= 0 || line.startsWith('#') || line.startsWith('!')) continue;
    const value = line.slice(equals + 1).trim();
    properties.set(line.slice(0, equals).trim(), value.replaceAll(/\\([^u])/g, '$1'));
  }
  return properties;
}
