import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { noSubject } from '../../core/event.ts';
import { openState } from '../../db/state.ts';
import { messageOf } from '../../events/message.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { dataPaths } from '../paths.ts';
import { runCommandLine } from './program.ts';

const at = '2026-11-24T08:00:00.000Z';
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function answering(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end('words'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

/** A state with two messages that wait for `hook`, and one that was given up. */
function place(receivers: readonly unknown[]): string {
  const data = temporaryDirectory();
  mkdirSync(data, { recursive: true });
  const state = openState(dataPaths(data).state);
  const bodies = ['one', 'two', 'three'].map((title) => ({
    receiver: 'hook',
    body: JSON.stringify(
      messageOf(
        {
          kind: 'pull-refused',
          severity: 'warning',
          at,
          group: title,
          title,
          reasons: [],
          subject: noSubject,
        },
        title,
      ),
    ),
  }));
  state.putMessages(bodies, at, null);
  state.giveUp(2, 'answered 410: gone', at, 1000);
  state.close();
  const config = join(data, 'pratique.yaml');
  writeFileSync(config, JSON.stringify({ data, events: { receivers } }));
  return config;
}

async function run(
  ...argv: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const console = {
    out: (text: string) => {
      out += `${text}\n`;
    },
    err: (text: string) => {
      err += `${text}\n`;
    },
    interactive: false,
  };
  const code = await runCommandLine(argv, { console, env: {}, stopped: () => Promise.resolve('') });
  return { code, out, err };
}

describe('pratique events', () => {
  const config = place([{ name: 'log', type: 'file', path: 'events.jsonl' }]);

  test('status: what waits, for receivers that are not configured too', async () => {
    const { code, out } = await run('events', 'status', '--config', config);
    expect(code).toBe(0);
    expect(out).toMatch(/^log +file +0 +0 +-$/m);
    expect(out).toMatch(/^hook +not configured +2 +1 +2026-11-24T08:00:00.000Z$/m);
    const { out: json } = await run('events', 'status', '--config', config, '--format', 'json');
    expect(JSON.parse(json)).toMatchObject({ schemaVersion: 1, receivers: [{ name: 'log' }, { dead: 1 }] });
  });

  test('dead: why, and how to put it back', async () => {
    const { out } = await run('events', 'dead', '--config', config);
    expect(out).toMatch(/^2 +hook .* two +answered 410: gone$/m);
    expect((await run('events', 'retry', '7', '--config', config)).code).toBe(2);
    expect((await run('events', 'retry', 'x', '--config', config)).err).toContain('allowed an id');
    expect((await run('events', 'retry', '2', '--config', config)).out).toBe('1 message was put back.\n');
    expect((await run('events', 'dead', '--config', config)).out).toBe('No message was given up.\n');
    expect((await run('events', 'retry', '--config', config)).out).toBe('0 messages were put back.\n');
  });

  test('test: tells what each receiver says', async () => {
    const good = place([{ name: 'log', type: 'file', path: 'events.jsonl' }]);
    expect(await run('events', 'test', '--config', good)).toMatchObject({
      code: 0,
      out: 'log (file): delivered\n',
    });
    const line = readFileSync(join(good, '..', 'events.jsonl'), 'utf8');
    expect(JSON.parse(line)).toMatchObject({ kind: 'test', title: 'A test message of Pratique' });
    const bad = place([
      { name: 'hook', type: 'webhook', url: await answering(204) },
      { name: 'falco', type: 'falcosidekick', url: await answering(400) },
    ]);
    const { code, out } = await run('events', 'test', '--config', bad);
    expect([code, out]).toEqual([
      3,
      'hook (webhook): delivered\nfalco (falcosidekick): answered 400: words\n',
    ]);
    expect((await run('events', 'test', 'hook', '--config', bad)).code).toBe(0);
    expect((await run('events', 'test', 'nobody', '--config', bad)).err).toContain('allowed hook, falco');
  });
});
