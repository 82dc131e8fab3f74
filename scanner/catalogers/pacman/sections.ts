import { linesOf } from '../lines.ts';

/** The values of a file in pacman's database, each with its section: `%NAME%` and then a value a line, up to an empty one. */
export function* valuesOf(content: Buffer): Generator<readonly [section: string, value: string]> {
  let section = '';
  for (const raw of linesOf(content)) {
    const line = raw.trimEnd();
    if (line === '') section = '';
    else if (section === '' && /^%[A-Z0-9]{1,40}%$/.test(line)) section = line.slice(1, -1);
    else if (section !== '') yield [section, line];
  }
}
