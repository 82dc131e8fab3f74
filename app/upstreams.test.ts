import { describe, expect, it } from '@jest/globals';
import { nobody, type UpstreamEvent } from '../registry/upstream/observer.ts';
import { createUpstreams } from './upstreams.ts';

const mirror = 'mirror.test:5000';
const cooling: UpstreamEvent = {
  upstream: 'corp',
  kind: 'cooling',
  place: mirror,
  seconds: 15,
  why: 'it answered 503',
};
const answered = (outcome: 'ok' | 'failed', place = mirror): UpstreamEvent => ({
  upstream: 'corp',
  kind: 'answered',
  place,
  outcome,
  seconds: 0.1,
});

function start() {
  let now = 0;
  const set = createUpstreams(
    [
      {
        name: 'corp',
        namespace: 'corp.test',
        url: 'https://corp.test',
        credentials: null,
        mirrors: [{ url: `https://${mirror}`, credentials: null, tags: false }],
      },
    ],
    nobody,
    () => now,
  );
  return {
    set,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    /** Mirrors that a download is handed to a thread with. */
    mirrors: () => set.apart('corp', async ({ mirrors = [] }) => mirrors.length),
  };
}

describe('a mirror that failed in a thread', () => {
  it('rests for all threads, then one download tries it', async () => {
    const { set, pass, mirrors } = start();
    set.observe(cooling);
    expect(await mirrors()).toBe(0);
    pass(16);
    expect([await mirrors(), await mirrors()]).toEqual([1, 0]);
    await set.close();
  });

  it.each([
    ['an answer of it ends the rest', answered('ok'), 1],
    ['one more failure does not', answered('failed'), 0],
    ['an answer of the upstream itself does not', answered('ok', 'corp.test'), 0],
  ])('%s', async (_what, event, handed) => {
    const { set, pass, mirrors } = start();
    set.observe(cooling);
    pass(16);
    expect(await mirrors()).toBe(1);
    set.observe(event);
    expect([await mirrors(), await mirrors()]).toEqual([handed, handed]);
    await set.close();
  });

  it('and has answered since begins anew when it fails again', async () => {
    const { set, pass, mirrors } = start();
    for (const _ of [1, 2, 3, 4]) {
      set.observe(cooling);
      set.observe(answered('ok'));
    }
    set.observe(cooling);
    pass(16);
    expect(await mirrors()).toBe(1);
    await set.close();
  });
});
