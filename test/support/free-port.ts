import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports from which Linux takes those of outgoing connections (32768 on): one of them could come in between. */
const range = { from: 20_000, to: 32_000 };
const attempts = 50;

/** A port of loopback that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${range.from} and ${range.to} is free, in ${attempts} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
