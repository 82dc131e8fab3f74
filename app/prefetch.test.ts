import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { sha256 } from '../test/support/images.ts';
import type { NamedImage } from './image-names.ts';
import { checkPrefetch, schedulePrefetch } from './prefetch.ts';
import type { Prefetched } from './prefetch-image.ts';

const everySecond = '* * * * * *';
const named = (name: string): NamedImage => ({
  name,
  address: { upstream: 'corp', namespace: 'registry.corp', path: name },
  pointer: { kind: 'tag', tag: 'latest' },
});
const ready = (content: string): Prefetched => ({ outcome: 'ready', digest: sha256(content), reason: null });

function scheduled(setting: {
  readonly images: readonly string[];
  readonly jitter?: number;
  readonly prefetch: (name: string, stopping: AbortSignal) => Promise<Prefetched>;
}) {
  const lines: { level: string; image: string; outcome: string; digest: Digest | null }[] = [];
  const outcomes: string[] = [];
  const keep = (level: string) => (fields: object) => {
    if ('image' in fields) lines.push({ ...(fields as (typeof lines)[number]), level });
  };
  const end = schedulePrefetch({
    entries: [{ images: setting.images.map(named), schedule: everySecond, jitter: setting.jitter ?? 0 }],
    prefetch: (image, stopping) => setting.prefetch(image.name, stopping),
    onOutcome: (outcome) => outcomes.push(outcome),
    random: () => 0.5,
    logger: {
      ...silentLogger,
      info: keep('info'),
      warn: keep('warn'),
      error: keep('error'),
    },
  });
  return { lines, outcomes, end };
}

async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not come to that within ten seconds');
    await sleep(20);
  }
}

describe('images by the clock', () => {
  it('are fetched two at a time, each once in a run, and no run begins while one is under way', async () => {
    const begun: string[] = [];
    let [now, most, isOpen] = [0, 0, false];
    const { end } = scheduled({
      images: ['a', 'b', 'c', 'd', 'e'],
      prefetch: async (name) => {
        begun.push(name);
        now += 1;
        most = Math.max(most, now);
        while (!isOpen) await sleep(10);
        now -= 1;
        return ready(name);
      },
    });
    await until(() => begun.length === 2);
    // The clock strikes twice meanwhile.
    await sleep(2200);
    expect(begun).toEqual(['a', 'b']);
    isOpen = true;
    await until(() => begun.length >= 5);
    expect(begun.slice(0, 5).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(most).toBe(2);
    await end();
  });

  it('are told of once for every change, and counted each time', async () => {
    const answers: Prefetched[] = [
      ready('1'),
      ready('1'),
      { outcome: 'refused', digest: sha256('2'), reason: 'CVE-2026-1001' },
      { outcome: 'refused', digest: sha256('2'), reason: 'CVE-2026-1001' },
    ];
    let turn = 0;
    const { lines, outcomes, end } = scheduled({
      images: ['a'],
      prefetch: () => {
        const answer = answers[turn];
        turn += 1;
        return answer === undefined ? Promise.reject(new Error('a defect')) : Promise.resolve(answer);
      },
    });
    await until(() => outcomes.length >= 5);
    await end();
    expect(outcomes.slice(0, 5)).toEqual(['ready', 'ready', 'refused', 'refused', 'failed']);
    expect(lines.slice(0, 3).map(({ level, image, outcome }) => [level, image, outcome])).toEqual([
      ['info', 'a', 'ready'],
      ['warn', 'a', 'refused'],
      ['error', 'a', undefined],
    ]);
  });

  it('wait a random part of the jitter', async () => {
    const at: number[] = [];
    const { end } = scheduled({
      images: ['a'],
      jitter: 600_000,
      prefetch: () => Promise.resolve(ready(String(at.push(Date.now())))),
    });
    await sleep(1500);
    expect(at).toEqual([]);
    // And do not keep the server from stopping.
    await end();
  });

  it('end with the server', async () => {
    let stopped = false;
    const { lines, outcomes, end } = scheduled({
      images: ['a', 'b', 'c'],
      prefetch: (_name, stopping) =>
        new Promise((_, reject) => {
          stopping.addEventListener('abort', () => reject(new Error('stops')));
          stopped = true;
        }),
    });
    await until(() => stopped);
    await end();
    expect([lines, outcomes]).toEqual([[], []]);
  });
});

it('a schedule that is none is named', () => {
  const entry = { images: [named('a')], jitter: 0 };
  expect(() =>
    checkPrefetch([
      { ...entry, schedule: '*/15 * * * *' },
      { ...entry, schedule: 'hourly' },
    ]),
  ).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      message: expect.stringContaining('prefetch[1].schedule: found "hourly"'),
    }),
  );
});
