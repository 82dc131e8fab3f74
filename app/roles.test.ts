import { describe, expect, it } from '@jest/globals';
import { isWebhookAlone, parseRoles, roles } from './roles.ts';

describe('--roles', () => {
  it.each<readonly [string | null, readonly string[], boolean]>([
    [null, roles, false],
    ['webhook', ['webhook'], true],
    [' webhook , console ', ['webhook', 'console'], true],
    ['webhook,webhook', ['webhook'], true],
    ['webhook,proxy', ['webhook', 'proxy'], false],
    ['webhook,harbor-adapter', ['webhook', 'harbor-adapter'], false],
    ['proxy', ['proxy'], false],
  ])('%p is read, and says whether the webhook stands on its own feet', (text, chosen, alone) => {
    const found = parseRoles(text);
    expect([...found].toSorted()).toEqual([...chosen].toSorted());
    expect(isWebhookAlone(found)).toBe(alone);
  });

  it.each([
    ['', ''],
    ['webhok', 'webhok'],
    ['webhook,', ''],
    ['webhook;proxy', 'webhook;proxy'],
    ['Webhook', 'Webhook'],
  ])('%p is refused by name', (text, wrong) => {
    expect(() => parseRoles(text)).toThrow(
      `--roles: found "${wrong}", allowed are proxy, harbor-adapter, webhook, console, worker`,
    );
  });
});
