import { resolve } from 'node:path';
import { startProgram } from '../../test/e2e/support/background.ts';
import { freePort } from '../../test/support/free-port.ts';
import type { Scratch } from './scratch.ts';

/**
 * Starts one of this folder's built servers as a process of its own; its last argument is the port.
 * @returns where it answers
 */
export async function startServer(
  name: string,
  args: readonly string[],
  path: string,
  scratch: Scratch,
): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = resolve('dist/bench/support', `${name}.js`);
  const program = await startProgram(process.execPath, [script, ...args, String(port)], async () => {
    try {
      return (await fetch(`${url}${path}`, { method: 'HEAD' })).ok;
    } catch {
      return false;
    }
  });
  scratch.atEnd(() => program.stop());
  return url;
}
