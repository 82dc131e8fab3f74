import { describe, expect, test } from '@jest/globals';
import { Desk } from './desk.ts';
import type { Message } from './message.ts';
import { event, iso, start } from './samples.ts';

const all = { name: 'all', kinds: null, minSeverity: 'notice', groupFor: 30_000 } as const;
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
