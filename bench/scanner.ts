import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chosen } from '../test/support/chosen.ts';
import { isKept, type Kept, keptTable } from './support/registry/row.ts';
import { debian } from './support/scanner/debian-row.ts';
import { inFlight } from './support/scanner/in-flight-row.ts';
import { large } from './support/scanner/large-row.ts';
import { full, quick, type Row } from './support/scanner/row.ts';
import { shared } from './support/scanner/shared-row.ts';
import { withScratch } from './support/scratch.ts';

// scanner.js [--quick] [--only ROW]… [--folder DIR]: what the scanner is measured by. DIR keeps the images that are made for the
// next run. Ends with 1 where a number is not kept.
const rows: readonly Row[] = [debian, large, shared, inFlight];
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    folder: { type: 'string' },
  },
});
const asked = chosen(rows, '--only', values.only);
const sizes = values.quick ? quick : full;
const kept: Kept[] = [];
const missing: string[] = [];
await withScratch(async (made) => {
  const images = values.folder === undefined ? join(made.dir, 'images') : resolve(values.folder);
  for (const row of asked) {
    const started = performance.now();
    await withScratch(async (scratch) => {
      const outcome = await row.measure({ scratch, images }, sizes);
      kept.push(...outcome.kept);
      missing.push(...outcome.missing);
      const seconds = Math.round((performance.now() - started) / 1000);
      process.stdout.write(`## ${row.name} (${seconds} s)\n\n${outcome.text}\n\n`);
    });
  }
});
process.stdout.write(`## Numbers\n\n${keptTable(kept)}\n`);
for (const what of missing) process.stdout.write(`not run: ${what}\n`);
if (!kept.every(isKept)) process.exitCode = 1;
