import { describe, expect, test } from '@jest/globals';
import { Desk } from './desk.ts';
import type { Message } from './message.ts';
import { pullRefused } from './refusals.ts';
import { event, iso, start } from './samples.ts';

const all = { name: 'all', type: 'file', kinds: null, minSeverity: 'notice', groupFor: 30_000 } as const;
const messagesOf = (desk: Desk, now: number, end = false) =>
  desk.due(now, end).map(({ receiver, body }) => ({ receiver, ...(JSON.parse(body) as Message) }));

describe('who is told', () => {
  test.each([
    ['everything', all, true],
    ['this kind', { ...all, kinds: ['verdict-changed'] }, true],
    ['another kind', { ...all, kinds: ['pull-refused'] }, false],
    ['this severity', { ...all, minSeverity: 'warning' }, true],
    ['worse ones', { ...all, minSeverity: 'critical' }, false],
  ] as const)('%s', (_, receiver, told) => {
    const desk = new Desk([receiver]);
    desk.take(event(), 1, start);
    expect(messagesOf(desk, start, true)).toHaveLength(told ? 1 : 0);
    expect(desk.single(event(), 'x')).toHaveLength(told ? 1 : 0);
    expect(desk.taken.get('verdict-changed')).toBe(2);
  });

  test.each([
    ['an alert keeper of warnings', { type: 'alertmanager', minSeverity: 'warning' }, true],
    ['one of what is critical', { type: 'alertmanager', minSeverity: 'critical' }, true],
    ['one of running images', { type: 'alertmanager', kinds: ['running-image-bad'] }, true],
    ['one of pulls', { type: 'alertmanager', kinds: ['pull-refused'] }, false],
    ['people who read warnings', { type: 'slack', minSeverity: 'warning' }, false],
    ['people who read of running images', { type: 'slack', kinds: ['running-image-bad'] }, false],
  ] as const)('that images pass again: %s', (_, receiver, told) => {
    const desk = new Desk([{ ...all, ...receiver }]);
    desk.take(event({ severity: 'notice' }), 1, start);
    expect(messagesOf(desk, start, true)).toMatchObject(told ? [{ resolved: true }] : []);
  });

  test('each by its own time; the cursor stays before what somebody has not been told', () => {
    const desk = new Desk([all, { ...all, name: 'slow', groupFor: 120_000 }]);
    desk.take(event(), 7, start);
    expect(messagesOf(desk, start + 30_000).map(({ receiver }) => receiver)).toEqual(['all']);
    expect(desk.lowest).toBe(7);
    expect(messagesOf(desk, start + 120_000).map(({ receiver }) => receiver)).toEqual(['slow']);
    expect(desk.lowest).toBeNull();
  });

  test('a change that is read again makes a message with the same id; another refusal does not', () => {
    const idOf = (cursor: number | null, at: number): string | undefined => {
      const desk = new Desk([all]);
      desk.take(event({ at: iso(at) }), cursor, start);
      return messagesOf(desk, start, true)[0]?.id;
    };
    expect(idOf(17, start)).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf(17, start)).toBe(idOf(17, start));
    expect(idOf(17, start)).not.toBe(idOf(18, start));
    expect(idOf(null, start)).not.toBe(idOf(null, start + 1));
  });
});

test('a flood of pulls of a hundred thousand names is a bounded number of messages, and counts all', () => {
  const desk = new Desk([all]);
  const told: Message[] = [];
  const pulls = 100_000;
  for (let pull = 0; pull < pulls; pull += 1) {
    // Over ten minutes; what is due is looked at once a second.
    const now = start + Math.floor(pull * 6);
    const image = `docker.io/flood/app-${pull}`;
    const refusal = { image, digest: null, policy: 'baseline', reasons: ['CVE-2026-1'], at: iso(now) };
    desk.take(pullRefused({ ...refusal, gate: 'proxy', user: null }), null, now);
    if (pull % 167 === 0) told.push(...messagesOf(desk, now));
  }
  const gathered = messagesOf(desk, start + 600_000, true);
  const other = event({ kind: 'admission-refused', group: 'other', at: iso(start) });
  desk.take(other, null, start + 600_000);
  expect(messagesOf(desk, start + 601_000)).toMatchObject([{ kind: 'admission-refused', count: 1 }]);
  expect(told.length).toBeLessThanOrEqual(2 * 101);
  expect(gathered.length).toBeLessThanOrEqual(101);
  expect([...told, ...gathered].reduce((sum, { count }) => sum + count, 0)).toBe(pulls);
  expect(Math.max(...[...told, ...gathered].map((message) => JSON.stringify(message).length))).toBeLessThan(
    10_000,
  );
});
