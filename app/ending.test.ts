import { Agent, createServer, request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../core/ports/logger.ts';
import { Ending } from './ending.ts';

interface Got {
  readonly status: number;
  readonly connection: string;
}

/** A server that answers when it is told to, and a client that keeps its connection. */
async function started(delay: number, pause?: (milliseconds: number) => Promise<void>) {
  const ending = new Ending(silentLogger, delay, pause);
  const held: (() => void)[] = [];
  const server = createServer((incoming, response) => {
    if (incoming.url === '/slow') held.push(() => response.end('late'));
    else response.end('ok');
  });
  const at = await ending.open(server, { host: '127.0.0.1', port: 0 }, 'webhook');
  const agent = new Agent({ keepAlive: true });
  const ask = (path = '/'): Promise<Got> =>
    new Promise((resolve, reject) => {
      const asked = request({ agent, host: '127.0.0.1', port: at?.port ?? 0, path }, (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection ?? '' }),
        );
      });
      asked.on('error', reject);
      asked.end();
    });
  return { ending, ask, held, done: () => agent.destroy() };
}

describe('a stop', () => {
  it('goes on to answer while others hear that nobody should come, and gives connections up', async () => {
    let over = (): void => undefined;
    const { ending, ask, done } = await started(5000, () => new Promise((resolve) => (over = resolve)));
    expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
    expect(ending.problem).toBeNull();
    const closed = ending.close({ drain: true });
    expect(ending.problem).toBe('it is stopping');
    expect(await ask()).toEqual({ status: 200, connection: 'close' });
    over();
    await closed;
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    done();
  });

  it('answers what is under way, and ends as soon as it is', async () => {
    const { ending, ask, held, done } = await started(0);
    const slow = ask('/slow');
    while (held.length === 0) await setImmediate();
    const closed = ending.close({ drain: true });
    for (const answer of held) answer();
    expect((await slow).status).toBe(200);
    await closed;
    done();
  });

  it('does not wait where it was never up', async () => {
    const waited: number[] = [];
    const { ending, done } = await started(5000, (milliseconds) => {
      waited.push(milliseconds);
      return Promise.resolve();
    });
    await ending.close();
    expect(waited).toEqual([]);
    done();
  });
});
