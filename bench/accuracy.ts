import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, readCases } from './support/accuracy/cases.ts';
import { compareLists } from './support/accuracy/compare.ts';
import { explanations } from './support/accuracy/explanations.ts';
import { generated, inPurls } from './support/accuracy/generator.ts';
import { dataFolder, layoutOf, type Scanned, scanned } from './support/accuracy/inventory.ts';
import { asListed, type Listed } from './support/accuracy/listed.ts';
import { countsTable, explanationsTable, type Row, unexplainedText } from './support/accuracy/report.ts';
import { withScratch } from './support/scratch.ts';
import { format, table } from './support/table.ts';

// accuracy.js DIR [--only CASE]…: what the scanner finds in DIR's root filesystems, beside what the package managers and
// another generator list there (DIR/cases.json). Ends with 1 where a difference is not explained, with 2 where nothing
// could be compared.

interface Outcome {
  readonly rows: readonly Row[];
  /** Case, seconds as a root and as an image, the other generator's, their packages. */
  readonly times: readonly string[];
  readonly incomplete: readonly string[];
}

/** Folders that all cases share. */
interface Places {
  readonly scratch: string;
  /** Of the scanner. */
  readonly data: string;
  /** Of the other generator. */
  readonly cache: string;
}

async function look(one: Case, generator: string | null, places: Places): Promise<Outcome> {
  const { scratch, data, cache } = places;
  const root = await scanned(`rootfs:${one.root}`, data);
  const compare = (list: string, listed: readonly Listed[], found: readonly Listed[]): Row => ({
    case: one.name,
    list,
    compared: compareLists(list, listed, found, explanations),
  });
  const rows: Row[] = [];
  for (const { list, folder } of one.lists) {
    const row = compare(list.name, await list.read(one.root, folder), list.ours(root.packages, folder));
    rows.push(folder === '' ? row : { ...row, list: `${list.name} in ${folder}` });
  }
  const image = one.image ? await asImage(one, scratch, data) : null;
  if (image !== null) rows.push(compare('as an image', asListed(root.packages), asListed(image.packages)));
  const other = generator === null || !one.generator ? null : await generated(generator, one.root, cache);
  if (other !== null) rows.push(compare('generator', other.listed, inPurls(root.packages)));
  const seconds = [root.seconds, image?.seconds ?? null, other?.seconds ?? null];
  return {
    rows,
    times: [
      one.name,
      String(root.packages.length),
      String(other?.listed.length ?? ''),
      ...seconds.map((taken) => (taken === null ? '' : format(taken))),
    ],
    incomplete: root.incomplete.map(({ what, why }) => `${one.name}: ${what}: ${why}`),
  };
}

async function asImage({ root }: Case, scratch: string, data: string): Promise<Scanned> {
  const dir = mkdtempSync(join(scratch, 'layout-'));
  try {
    await layoutOf(root, dir);
    return await scanned(`oci:${dir}`, data);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function check(folder: string, only: readonly string[]): Promise<void> {
  const { generator, generatorCache, cases } = readCases(folder);
  const outcomes: Outcome[] = [];
  const failed: string[] = [];
  await withScratch(async ({ dir }) => {
    const data = await dataFolder(dir);
    const cache = generatorCache ?? join(dir, 'cache');
    mkdirSync(cache, { recursive: true });
    for (const one of cases) {
      if (only.length > 0 && !only.includes(one.name)) continue;
      process.stderr.write(`${one.name}\n`);
      try {
        outcomes.push(await look(one, generator, { scratch: dir, data, cache }));
      } catch (error) {
        failed.push(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
  if (outcomes.length === 0 && failed.length === 0)
    throw new Error(`no case of ${folder}/cases.json is called ${only.join(', ')}`);
  const rows = outcomes.flatMap((one) => one.rows);
  const times = ['case', 'packages', "generator's", 'rootfs:, s', 'oci:, s', 'generator, s'];
  const parts = [
    ['Packages', countsTable(rows)],
    ['Differences', explanationsTable(rows)],
    [
      'Times',
      table(
        times,
        outcomes.map((one) => one.times),
      ),
    ],
    ['Incomplete', outcomes.flatMap((one) => one.incomplete).join('\n')],
    ['Unexplained', unexplainedText(rows)],
    ['Not compared', failed.join('\n')],
  ];
  for (const [title, text] of parts) if (text !== '') process.stdout.write(`## ${title}\n\n${text}\n\n`);
  if (rows.some(({ compared }) => compared.differences.some((one) => one.explanation === null)))
    process.exitCode = 1;
  if (failed.length > 0) process.exitCode = 2;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true } },
});
const [folder, ...others] = positionals;
try {
  if (folder === undefined || others.length > 0)
    throw new Error('name the folder with cases.json: npm run check:accuracy -- DIR [--only CASE]');
  await check(folder, values.only ?? []);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
