import { numbersOf } from './support/numbers.ts';
import { measureEvaluation } from './support/policy-evaluate.ts';
import { measureGate } from './support/policy-gate.ts';
import { measureReevaluation } from './support/policy-reevaluation.ts';
import { median } from './support/rounds.ts';
import { withScratch } from './support/scratch.ts';
import { table } from './support/table.ts';

// The numbers that policy has to keep. [--findings N] [--images N] [--turns N] [--folder DIR], where DIR keeps the
// recorded images for the next run. Ends with 1 where a number is not kept.
const { findings, images, turns, folder } = numbersOf(process.argv.slice(2));

/** At most, or at least where `least`. */
interface Number {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: string;
  readonly least?: boolean;
}

await withScratch(async (scratch) => {
  const evaluation = measureEvaluation(findings, 300);
  const gate = await measureGate(scratch, 100_000);
  const numbers: Number[] = [
    {
      what: `${evaluation.rules} rules over ${findings} findings, p50`,
      measured: evaluation.p50,
      limit: 5,
      unit: 'ms',
    },
    { what: 'the same, p95', measured: evaluation.p95, limit: 5, unit: 'ms' },
    { what: `a gate from memory, ${gate.bindings} bindings, p50`, measured: gate.p50, limit: 50, unit: 'µs' },
    { what: 'the same, p95', measured: gate.p95, limit: 50, unit: 'µs' },
  ];
  if (images > 0) {
    const round = await measureReevaluation(scratch, folder ?? scratch.dir, images, turns);
    const list = (values: readonly number[], digits: number): string =>
      values.map((value) => value.toFixed(digits)).join(', ');
    process.stdout.write(
      `${images} images, recorded in ${round.seeding.toFixed(0)} s; pulls/s without: ${list(round.without, 0)}; ` +
        `during: ${list(round.during, 0)}; ratios: ${list(round.ratios, 2)}; rounds: ${list(round.rounds, 1)} s\n\n`,
    );
    numbers.push(
      {
        what: `${images} images judged again while pulls go on`,
        measured: Math.max(...round.rounds),
        limit: 60,
        unit: 's',
      },
      {
        what: 'pulls meanwhile / without',
        measured: median(round.ratios),
        limit: 0.8,
        unit: '',
        least: true,
      },
    );
  }
  const kept = ({ measured, limit, least }: Number): boolean =>
    least === true ? measured >= limit : measured <= limit;
  const rows = numbers.map((one) => [
    one.what,
    `${one.measured.toFixed(2)} ${one.unit}`,
    `${one.least === true ? '>=' : '<='} ${one.limit} ${one.unit}`,
    kept(one) ? 'kept' : 'NOT KEPT',
  ]);
  process.stdout.write(`${table(['', 'measured', 'number', ''], rows)}\n`);
  if (!numbers.every(kept)) process.exitCode = 1;
});
