#!/usr/bin/env node
import { runCommandLine } from './commands/program.ts';
import { processConsole } from './console.ts';

/** Whoever reads our output may go away (`pratique scan … | head`): that is no defect. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** The first signal ends the command in order; a second one has no handler any more and ends the process. */
function stopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  console: processConsole,
  env: process.env,
  stopped,
});
