import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureImports, measureMatching } from './support/advisories-import.ts';
import { measureRematch } from './support/rematch.ts';
import { median } from './support/rounds.ts';
import { withScratch } from './support/scratch.ts';
import { table } from './support/table.ts';

// The numbers that advisories have to keep. --osv DIR: a folder of OSV bulk exports, for the import and for matching one
// image. [--images 1000,10000,100000] (or none) [--turns N] [--folder DIR], where DIR keeps the recorded images for the next run, and
// [--longest SECONDS] is how long it is waited until all is judged. Ends with 1 where a number is not kept.
const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000,10000,100000' },
    turns: { type: 'string', default: '2' },
    longest: { type: 'string', default: '600' },
    folder: { type: 'string' },
    osv: { type: 'string' },
  },
});

/** At most, or at least where `least`; null: told, and not held to anything. */
interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly limit: number | null;
  readonly unit: string;
  readonly least?: boolean;
}

const figures: Figure[] = [];
const { osv } = values;
if (osv === undefined) process.stdout.write('not run: import and matching (--osv DIR is not given)\n');
else {
  await withScratch(async ({ dir }) => {
    const imports = await measureImports(dir, osv, 3);
    const matching = measureMatching(dir, 500, 200);
    figures.push(
      {
        what: 'import of everything in the folder',
        measured: Math.max(...imports.map(({ seconds }) => seconds)),
        limit: 20,
        unit: 's',
      },
      {
        what: 'the same, resident at most',
        measured: Math.max(...imports.map(({ peak }) => peak)) / 1e6,
        limit: 500,
        unit: 'MB',
      },
      {
        what: `${matching.packages} packages of one image, ${matching.findings} findings, p50`,
        measured: median(matching.later),
        limit: 20,
        unit: 'ms',
      },
      { what: 'the same, the first time in a process', measured: matching.first, limit: null, unit: 'ms' },
    );
  });
}
const sizes = values.images === 'none' ? [] : values.images.split(',').map(Number);
for (const images of sizes) {
  if (!Number.isInteger(images) || images < 1)
    throw new Error('--images has to be whole numbers, with commas');
  await withScratch(async (scratch) => {
    const folder = values.folder === undefined ? scratch.dir : join(values.folder, String(images));
    const measured = await measureRematch(
      scratch,
      folder,
      images,
      Number(values.turns),
      Number(values.longest),
    );
    const list = (numbers: readonly number[], digits: number): string =>
      numbers.map((one) => one.toFixed(digits)).join(', ');
    process.stdout.write(
      `${images} images, recorded in ${measured.seeding.toFixed(0)} s; right after ${list(measured.right, 2)} s, told after ` +
        `${list(measured.told, 2)} s, renewed after ${list(measured.renewed, 2)} s; pulls/s without ` +
        `${list(measured.without, 0)}, during ${list(measured.during, 0)}, ratios ${list(measured.ratios, 2)}\n`,
    );
    const of = `${images} images: `;
    figures.push(
      { what: `${of}all findings right`, measured: Math.max(...measured.right), limit: 60, unit: 's' },
      { what: `${of}changed verdicts told`, measured: Math.max(...measured.told), limit: null, unit: 's' },
      { what: `${of}all verdicts renewed`, measured: Math.max(...measured.renewed), limit: null, unit: 's' },
      {
        what: `${of}pulls meanwhile / without`,
        measured: median(measured.ratios),
        limit: 0.8,
        unit: '',
        least: true,
      },
      { what: `${of}wrong of ${measured.sample}`, measured: measured.wrong, limit: 0, unit: '' },
    );
  });
}
const kept = ({ measured, limit, least }: Figure): boolean =>
  limit === null || (least === true ? measured >= limit : measured <= limit);
const rows = figures.map((one) => [
  one.what,
  `${one.measured.toFixed(2)} ${one.unit}`,
  one.limit === null ? '-' : `${one.least === true ? '>=' : '<='} ${one.limit} ${one.unit}`,
  one.limit === null ? '' : kept(one) ? 'kept' : 'NOT KEPT',
]);
process.stdout.write(`\n${table(['', 'measured', 'number', ''], rows)}\n`);
if (!figures.every(kept)) process.exitCode = 1;
