import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

// admission.js [--quick]: all numbers of the admission webhook, each by its own program, and one table of what is asked for. Ends
// with 1 where a number is not kept.
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const programs = [
  { file: 'webhook.js', args: values.quick ? ['--quick'] : [] },
  { file: 'replica.js', args: values.quick ? ['2000'] : [] },
];

const rows: string[] = [];
for (const { file, args } of programs) {
  const { code, out } = await runOne(resolve('dist/bench', file), args);
  rows.push(...lastTable(out));
  if (code !== 0) process.exitCode = 1;
}
process.stdout.write(
  `\n## All numbers\n\n| | measured | asked for | kept |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
);

/** What it writes is shown while it is written. */
function runOne(
  script: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      process.stdout.write(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => done({ code: code ?? 1, out }));
  });
}

/** The rows of the table with which a program ends. */
function lastTable(text: string): readonly string[] {
  const lines = text.trim().split('\n');
  const before = lines.findLastIndex((line) => !line.startsWith('|'));
  return lines.slice(before + 3);
}
