import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosen } from '../support/chosen.ts';
import { targets } from './targets/index.ts';
import { type Outcome, watch } from './watch.ts';

// main.js [--target NAME]… [--inputs N] [--seconds S] [--seed N] [--findings DIR]: gives every parser inputs that are varied from
// good ones. Ends with 1 where one crashed, hung, or held too much; the input is then in DIR.
const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    inputs: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    findings: { type: 'string', default: 'fuzz-findings' },
  },
});
const asked = chosen(targets, '--target', values.target);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : positive('--seed', values.seed);
const inputs = values.inputs === undefined ? Number.POSITIVE_INFINITY : positive('--inputs', values.inputs);
const seconds = positive('--seconds', values.seconds ?? (values.inputs === undefined ? '60' : '86400'));

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name}: found "${text}", allowed is a whole number above 0`);
}

function line(name: string, outcome: Outcome): string {
  if (outcome.kind === 'failed') return `${name.padEnd(24)} FAILED at input ${outcome.count}`;
  const { inputs: done, behaviours, slowest, peak } = outcome.fuzzed;
  return [
    name.padEnd(24),
    String(done).padStart(8),
    String(behaviours).padStart(11),
    `${slowest.toFixed(0)} ms`.padStart(9),
    `${(peak / 1024 ** 2).toFixed(0)} MiB`.padStart(9),
  ].join(' ');
}

process.stdout.write(`seed ${seed}\n${'target'.padEnd(24)}   inputs  behaviours   slowest      held\n`);
for (const { name } of asked) {
  // All targets share the time; each has a sequence of its own.
  const time = (seconds * 1000) / asked.length;
  const outcome = await watch(name, { seed, inputs, time });
  process.stdout.write(`${line(name, outcome)}\n`);
  if (outcome.kind === 'fuzzed') continue;
  process.exitCode = 1;
  mkdirSync(values.findings, { recursive: true });
  const file = join(values.findings, `${name}-${seed}-${outcome.count}`);
  writeFileSync(file, outcome.input.bytes);
  process.stdout.write(`  path "${outcome.input.path}", content in ${file}\n  ${outcome.why}\n`);
}
