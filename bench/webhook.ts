import { parseArgs } from 'node:util';
import { chosen } from '../test/support/chosen.ts';
import { isKept, type Kept, keptTable } from './support/registry/row.ts';
import { withScratch } from './support/scratch.ts';
import { steadyReviews, throughput } from './support/webhook/review-rows.ts';
import { full, quick, type Row } from './support/webhook/row.ts';

// webhook.js [--quick] [--only ROW]…: what the admission webhook is measured by. Ends with 1 where a number is not kept.
const rows: readonly Row[] = [throughput, steadyReviews];
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const asked = chosen(rows, '--only', values.only);
const sizes = values.quick ? quick : full;
const kept: Kept[] = [];
await withScratch(async (scratch) => {
  for (const row of asked) {
    const started = performance.now();
    const outcome = await row.measure(scratch, sizes);
    kept.push(...outcome.kept);
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`## ${row.name} (${seconds} s)\n\n${outcome.text}\n\n`);
  }
});
process.stdout.write(`## Numbers\n\n${keptTable(kept)}\n`);
if (!kept.every(isKept)) process.exitCode = 1;
