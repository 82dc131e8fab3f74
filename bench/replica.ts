import { isKept, keptTable } from './support/registry/row.ts';
import { replicaNumbers } from './support/replica/numbers.ts';
import { withScratch } from './support/scratch.ts';

// replica.js [VERDICTS] [ROUNDS]: the numbers of a webhook on its own feet. Ends with 1 where one is not kept.
const verdicts = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 2);
await withScratch(async (scratch) => {
  const { text, kept } = await replicaNumbers(scratch, verdicts, rounds);
  process.stdout.write(`${text}\n\n${keptTable(kept)}\n`);
  if (!kept.every(isKept)) process.exitCode = 1;
});
