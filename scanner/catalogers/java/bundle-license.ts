import { licenseNames } from '../license-names.ts';

/** It stands elsewhere (OSGi Core, 3.2.1.10). */
const external = '<<EXTERNAL>>';
/** Some write the name of one license with a comma in it, which the header's grammar parts in two. */
const goesOn = /^\s*(?:Version|v\.?\s?[0-9]|[0-9])/i;

/** The names in a `Bundle-License` header: `"Apache-2.0";link="https://…", MIT`, or an address in a name's place. */
export function bundleLicenses(header: string): readonly string[] {
  const names: string[] = [];
  for (const part of partsOf(header, ',')) {
    const last = names.at(-1);
    if (last !== undefined && goesOn.test(part)) names[names.length - 1] = `${last},${part}`;
    else names.push(part);
  }
  return licenseNames(
    names.map((name) => ([...partsOf(name, ';')][0] ?? '').trim().replaceAll(/^"|"$/g, '')),
  ).filter((name) => name !== external);
}

/** What stands between marks that are in no quotes. */
function* partsOf(text: string, mark: string): Generator<string> {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (text[at] !== mark || isQuoted) continue;
    yield text.slice(start, at);
    start = at + 1;
  }
  yield text.slice(start);
}
