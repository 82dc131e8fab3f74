import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionSchemes } from '../advisories/versions/index.ts';
import { knownExceptions } from './support/known-versions.ts';
import { table } from './support/table.ts';
import { checkTable, countsOf, exceptionText, isRight } from './support/version-tables.ts';

// Holds the version schemes against tables of real versions, DIR/*.tsv, each named after its scheme. Ends with 1 where
// a row is neither right nor a known exception, with 2 where a table cannot be read.

/** Tables that are called after an index of packages. */
const otherNames: ReadonlyMap<string, string> = new Map([['packagist', 'composer']]);

function check(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.tsv'));
  if (files.length === 0) throw new Error(`${folder} has no tables of versions (*.tsv)`);
  const checked = files.sort().map((file) => {
    const name = file.slice(0, -'.tsv'.length);
    const scheme = versionSchemes.find((one) => one.name === (otherNames.get(name) ?? name));
    if (scheme === undefined) {
      const names = [...versionSchemes.map((one) => one.name), ...otherNames.keys()];
      throw new Error(
        `${join(folder, file)} belongs to no version scheme: name it one of ${names.join(', ')}`,
      );
    }
    try {
      return checkTable(readFileSync(join(folder, file), 'utf8'), scheme, knownExceptions);
    } catch (error) {
      throw new Error(`${join(folder, file)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  });
  const head = ['scheme', 'rows', 'right', 'known exceptions', 'undetermined', 'wrong'];
  process.stdout.write(`${table(head, checked.map(countsOf))}\n`);
  for (const one of checked) {
    for (const exception of one.exceptions) process.stdout.write(`${exceptionText(one.scheme, exception)}\n`);
  }
  if (!checked.every(isRight)) process.exitCode = 1;
}

const [folder, ...others] = process.argv.slice(2);
try {
  if (folder === undefined || others.length > 0)
    throw new Error('name the folder of the tables: npm run check:versions -- DIR');
  check(folder);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
