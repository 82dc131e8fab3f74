import { type FileFacts, onlyIncomplete } from '../cataloger.ts';

/** os-release(5): shell-like assignments. */
export function parseOsRelease(path: string, content: Buffer): FileFacts {
  const fields = new Map<string, string>();
  for (const line of content.toString('utf8').split(/\r?\n/)) {
    const equals = line.indexOf('=');
    if (equals > 0 && !line.startsWith('#'))
      fields.set(line.slice(0, equals).trim(), unquote(line.slice(equals + 1).trim()));
  }
  const id = fields.get('ID') ?? '';
  if (id === '') return onlyIncomplete(path, 'it has no ID');
  const versionId = fields.get('VERSION_ID') ?? '';
  const name = fields.get('PRETTY_NAME') ?? `${fields.get('NAME') ?? id} ${versionId}`.trim();
  return { packages: [], os: { id: id.toLowerCase(), versionId, name }, incomplete: [] };
}

function unquote(text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== '"' && quote !== "'") || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1);
  return quote === "'" ? inner : inner.replace(/\\(["$`\\])/g, '$1');
}
