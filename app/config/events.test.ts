import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig } from './load.ts';

const dir = temporaryDirectory();
writeFileSync(join(dir, 'slack-url'), 'https://hooks.slack.example/services/T/B/SECRET\n');
writeFileSync(join(dir, 'not-a-url'), 'SECRET\n');

function load(events: unknown, env: Record<string, string> = {}) {
  const file = join(dir, 'pratique.yaml');
  writeFileSync(file, JSON.stringify({ events }));
  return loadConfig({ file, data: null, env }).events;
}
const receivers = (...list: unknown[]) => ({ receivers: list });

describe('who is told of events', () => {
  test('nobody, without a word', () => {
    expect(load({})).toEqual({ receivers: [], warnBefore: 7 * 86_400_000, staleAfter: 2 * 86_400_000 });
  });

  test('every type, with what is usual', () => {
    const { receivers: read } = load(
      receivers(
        { name: 'falco', type: 'falcosidekick', url: 'http://falcosidekick:2801/' },
        { name: 'chat', type: 'slack', urlFile: 'slack-url', minSeverity: 'warning', perHour: 10 },
        { name: 'alerts', type: 'alertmanager', url: 'http://alertmanager:9093', tokenEnv: 'TOKEN' },
        {
          name: 'hook',
          type: 'webhook',
          url: 'https://hook.example/x',
          secretEnv: 'KEY',
          format: 'cloudevents',
          kinds: ['running-image-bad'],
          groupFor: '2m',
        },
        { name: 'log', type: 'file', path: 'events.jsonl' },
      ),
      { TOKEN: 'tok', KEY: 'key' },
    );
    const usual = { kinds: null, minSeverity: 'notice', groupFor: 30_000 };
    const none = { token: null, ca: null };
    expect(read).toEqual([
      {
        ...usual,
        ...none,
        name: 'falco',
        type: 'falcosidekick',
        url: 'http://falcosidekick:2801/',
        perHour: 60,
      },
      {
        ...usual,
        ...none,
        name: 'chat',
        type: 'slack',
        url: 'https://hooks.slack.example/services/T/B/SECRET',
        minSeverity: 'warning',
        perHour: 10,
      },
      {
        ...usual,
        ...none,
        name: 'alerts',
        type: 'alertmanager',
        url: 'http://alertmanager:9093',
        token: 'tok',
        alertFor: 86_400_000,
        perHour: null,
      },
      {
        ...none,
        name: 'hook',
        type: 'webhook',
        url: 'https://hook.example/x',
        format: 'cloudevents',
        secret: 'key',
        kinds: ['running-image-bad'],
        minSeverity: 'notice',
        groupFor: 120_000,
        perHour: 600,
      },
      {
        ...usual,
        name: 'log',
        type: 'file',
        path: join(dir, 'events.jsonl'),
        maxBytes: 10_485_760,
        perHour: null,
      },
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'an unknown type',
      { name: 'a', type: 'pager' },
      /type: found .*pager.*, allowed falcosidekick, slack, alertmanager/,
    ],
    ['no type', { name: 'a' }, /falcosidekick, slack, alertmanager/],
    ['an open address of Slack', { name: 'a', type: 'slack', url: 'https://x' }, /unknown key "url"/],
    [
      'no address',
      { name: 'a', type: 'webhook' },
      /"a": found 0 addresses, allowed exactly one of url, urlFile/,
    ],
    ['two addresses', { name: 'a', type: 'webhook', url: 'http://x', urlEnv: 'U' }, /found 2 addresses/],
    ['credentials in an address', { name: 'a', type: 'webhook', url: 'http://u:p@x' }, /without credentials/],
    [
      'two places of a secret',
      { name: 'a', type: 'webhook', url: 'http://x', secretEnv: 'A', secretFile: 'b' },
      /found secretFile and secretEnv/,
    ],
    [
      'a secret that is not there',
      { name: 'a', type: 'webhook', url: 'http://x', secretEnv: 'NONE' },
      /NONE is not set/,
    ],
    ['an unknown kind', { name: 'a', type: 'file', path: 'x', kinds: ['pull'] }, /kinds/],
    ['a name for people', { name: 'The chat', type: 'file', path: 'x' }, /lower case letters/],
    ['a limit of nothing', { name: 'a', type: 'slack', urlEnv: 'U', perHour: 0 }, /whole number from 1/],
    [
      'a limit that loses resolutions',
      { name: 'a', type: 'alertmanager', url: 'http://x', perHour: 5 },
      /perHour/,
    ],
  ])('%s is told with its place', (_, receiver, problem) => {
    expect(() => load(receivers(receiver), { U: 'https://x', A: 'a' })).toThrow(problem);
  });

  test('a name twice', () => {
    const one = { name: 'a', type: 'file', path: 'x' };
    expect(() => load(receivers(one, one))).toThrow('events.receivers: found the name "a" twice');
  });

  test('a secret address that is none is not repeated', () => {
    const wrong = receivers({ name: 'a', type: 'slack', urlFile: 'not-a-url' });
    expect(() => load(wrong)).toThrow(/^(?!.*SECRET).*found another text for its address/);
  });
});
