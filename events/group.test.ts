import { describe, expect, test } from '@jest/globals';
import { foldAll } from './fold.ts';
import { Grouper } from './group.ts';
import { type Message, messageOf } from './message.ts';
import { digestOf, event, iso, start } from './samples.ts';

const times = { quiet: 30_000, longest: 300_000, again: 0 };
const one = (over: Parameters<typeof event>[0] = {}) => messageOf(event(over), '');
const image = (number: number) =>
  one({ subject: { ...event().subject, image: `app/${number}`, digest: digestOf(number) } });

describe('groups', () => {
  test('one bad advisory over ten thousand images is one message', () => {
    const groups = new Grouper(times);
    for (let number = 0; number < 10_000; number += 1) groups.add(image(number), number + 1, start + number);
    expect(groups.lowest).toBe(1);
    const [message, ...others] = groups.due(start + 40_000);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      count: 10_000,
      title: 'CVE-2026-1: 10000 images pass no longer by policy "baseline"',
      subject: { image: null, digest: null, policy: 'baseline', advisories: ['CVE-2026-1'] },
    });
    expect(message?.examples).toHaveLength(10);
    expect(message?.images).toHaveLength(200);
    expect(groups.lowest).toBeNull();
  });

  test('a group is told when it is quiet, or after the longest wait', () => {
    const groups = new Grouper(times);
    groups.add(one(), 1, start);
    expect(groups.due(start + 29_999)).toHaveLength(0);
    for (let at = start; at < start + 300_000; at += 20_000) {
      groups.add(one(), 1, at);
      expect(groups.due(at)).toHaveLength(0);
    }
    expect(groups.due(start + 300_000)).toHaveLength(1);
  });

  test('what is told again and again waits in between, and counts', () => {
    const groups = new Grouper({ quiet: 2000, longest: 2000, again: 60_000 });
    const counts: number[] = [];
    for (let at = start; at < start + 180_000; at += 1000) {
      groups.add(one({ kind: 'pull-refused', at: iso(at) }), null, at);
      counts.push(...groups.due(at).map(({ count }) => count));
    }
    expect(counts).toEqual([3, 60, 60]);
  });

  test('a clock that is set back holds nothing', () => {
    const groups = new Grouper(times);
    groups.add(one(), 1, start);
    expect(groups.due(start - 3_600_000)).toHaveLength(1);
  });

  test('memory has an end: beyond it events of a kind are told together', () => {
    const groups = new Grouper(times, 3);
    for (let number = 0; number < 10; number += 1) groups.add(one({ group: `g${number}` }), number, start);
    const messages = groups.all(start);
    expect(messages.map(({ count }) => count)).toEqual([1, 1, 1, 7]);
  });

  test('nor does it end what others begin', () => {
    const groups = new Grouper(times, 1);
    groups.add(one({ group: 'g' }), 1, start);
    groups.add(one({ group: 'bad' }), 2, start);
    groups.add(one({ group: 'good', severity: 'notice' }), 3, start);
    expect(groups.all(start).map(({ resolved }) => resolved)).toEqual([false, false, true]);
  });

  test('of one image the newest word comes last, whichever group was opened first', () => {
    const groups = new Grouper(times);
    const say = (number: number, severity: 'warning' | 'notice', at: number): void => {
      const subject = { ...event().subject, digest: digestOf(number) };
      groups.add(one({ severity, group: severity, subject }), at, start + at);
    };
    say(1, 'notice', 1);
    say(2, 'warning', 2);
    say(1, 'warning', 3);
    say(2, 'notice', 4);
    say(3, 'notice', 5);
    expect(groups.lowest).toBe(1);
    const told = groups.due(start + 6);
    expect(told.map(({ resolved, images }) => [resolved, images.map(({ digest }) => digest)])).toEqual([
      [true, [digestOf(1)]],
      [false, [digestOf(2), digestOf(1)]],
    ]);
    expect(groups.lowest).toBe(4);
    expect(groups.due(start + 31_000)).toMatchObject([{ resolved: true, count: 2 }]);
  });

  test('there is room again when what was told is long ago', () => {
    const groups = new Grouper({ quiet: 1000, longest: 1000, again: 60_000 }, 2);
    const groupsAt = (at: number): string[] => {
      for (const name of ['a', 'b', 'c']) groups.add(one({ group: `${name}${at}` }), null, start + at);
      return groups.due(start + at + 1000).map(({ group }) => group);
    };
    expect(groupsAt(0)).toEqual(['a0', 'b0', 'more verdict-changed']);
    expect(groupsAt(30_000)).toEqual([]);
    expect(groupsAt(90_000)).toEqual(['more verdict-changed', 'a90000']);
  });
});

describe('messages', () => {
  test('names from outside write no lines of their own and have an end', () => {
    const message = messageOf(event({ title: `a\n{"forged":1}\u2028${'x'.repeat(2000)}` }), '');
    expect(message.title).toMatch(/^a \{"forged":1\} x+…$/);
    expect(message.title).toHaveLength(500);
  });

  test('of several groups: how many of which kind, the worst first', () => {
    const messages: [Message, ...Message[]] = [
      messageOf(event(), '1'),
      messageOf(event(), '2'),
      messageOf(event({ group: 'b', title: 'b' }), '3'),
      messageOf(event({ kind: 'pull-refused', severity: 'critical', title: 'c' }), '4'),
    ];
    const more = foldAll(messages);
    expect(more).toMatchObject({
      kind: 'more',
      severity: 'critical',
      title: '3 more: 2 verdict-changed, 1 pull-refused',
      count: 4,
    });
    expect(more.examples[0]?.title).toBe('c');
  });
});
