import { parseArgs } from 'node:util';
import { chosen } from '../test/support/chosen.ts';
import { coldPull, coldTogether } from './support/registry/cold-rows.ts';
import { memory } from './support/registry/memory-row.ts';
import { full, isKept, type Kept, keptTable, quick, type Row } from './support/registry/row.ts';
import { warmBlobs, warmManifests } from './support/registry/warm-rows.ts';
import { withScratch } from './support/scratch.ts';

// registry.js [--quick] [--only ROW]…: what the registry proxy is measured by, beside its peers, which are started here. Ends
// with 1 where a number is not kept.
const rows: readonly Row[] = [warmBlobs, warmManifests, coldPull, coldTogether, memory];
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const asked = chosen(rows, '--only', values.only);
const sizes = values.quick ? quick : full;
const kept: Kept[] = [];
for (const row of asked) {
  const started = performance.now();
  await withScratch(async (scratch) => {
    const outcome = await row.measure(scratch, sizes);
    kept.push(...outcome.kept);
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`## ${row.name} (${seconds} s)\n\n${outcome.text}\n\n`);
  });
}
process.stdout.write(`## Numbers\n\n${keptTable(kept)}\n`);
if (!kept.every(isKept)) process.exitCode = 1;
