import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventKinds, eventSeverities, noSubject } from '../../core/event.ts';
import { messageOf } from '../../events/message.ts';
import { createSend } from '../../events/send.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Background, startProgram } from './support/background.ts';
import { environmentPath } from './support/programs.ts';

const program = environmentPath('PRATIQUE_FALCOSIDEKICK', 'a real falcosidekick');

(program === null ? describe.skip : describe)('a real falcosidekick', () => {
  let background: Background;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    const config = join(temporaryDirectory(), 'falcosidekick.yaml');
    writeFileSync(config, JSON.stringify({ listenaddress: '127.0.0.1', listenport: port }));
    background = await startProgram(program ?? '', ['-c', config], async () => {
      try {
        return (await fetch(`${url}ping`)).ok;
      } catch {
        return false;
      }
    });
  });
  afterAll(() => background.stop());

  const all = eventKinds.flatMap((kind) => eventSeverities.map((severity) => [kind, severity] as const));
  test.each(all)('takes %s, %s', async (kind, severity) => {
    const send = createSend(
      { type: 'falcosidekick', url, token: null, ca: null },
      { hostname: 'test', now: Date.now },
    );
    for (const subject of [noSubject, { ...noSubject, namespace: 'shop', workload: 'Deployment/web' }]) {
      const at = new Date().toISOString();
      const event = { kind, severity, at, group: 'g', title: 'a title', reasons: ['a reason'], subject };
      const outcome = await send(messageOf(event, '1'), new AbortController().signal);
      expect(outcome).toEqual({ kind: 'delivered' });
    }
  });
});
