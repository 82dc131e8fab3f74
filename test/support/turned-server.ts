import { serve } from '../../app/commands/serve.ts';

/**
 * `pratique serve` with a clock that the test turns: the process is started as the command line is, and told over its
 * IPC channel how many milliseconds the clock is ahead of the machine's.
 */
let ahead = 0;
process.on('message', (message: { readonly ahead: number }) => {
  ({ ahead } = message);
  process.send?.({ turned: ahead });
});

const config = process.argv[process.argv.indexOf('--config') + 1] ?? '';
const rolesAt = process.argv.indexOf('--roles');
const roles = rolesAt < 0 ? null : (process.argv[rolesAt + 1] ?? null);
const stopped = new Promise<string>((resolve) => {
  process.once('SIGTERM', () => resolve('SIGTERM'));
});
process.exitCode = await serve(
  { sources: { file: config, data: null, env: process.env }, roles, now: () => Date.now() + ahead },
  {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    interactive: false,
  },
  stopped,
);
process.disconnect();
