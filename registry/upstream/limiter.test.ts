import { describe, expect, it } from '@jest/globals';
import { createLimiter, type UpstreamLimits } from './limiter.ts';

/** A clock whose timers run when it is moved. */
function staged(limits: UpstreamLimits) {
  let at = 0;
  let timers: { readonly at: number; readonly work: () => void }[] = [];
  const limiter = createLimiter('corp', limits, {
    now: () => at,
    later: (work, milliseconds) => {
      const timer = { at: at + milliseconds, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    longestWait: 10_000,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    limiter,
    settle,
    async pass(milliseconds: number) {
      const end = at + milliseconds;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        at = next.at;
        next.work();
        await settle();
      }
      at = end;
      await settle();
    },
    get timers() {
      return timers.length;
    },
  };
}

/** Enters so often, and tells how many are in. */
function enter(limiter: ReturnType<typeof createLimiter>, times: number) {
  const seen = { in: 0, refused: [] as unknown[], leave: [] as (() => void)[] };
  for (let each = 0; each < times; each += 1) {
    limiter.enter().then(
      (leave) => {
        seen.in += 1;
        seen.leave.push(leave);
      },
      (error: unknown) => seen.refused.push(error),
    );
  }
  return seen;
}

describe('requests to an upstream', () => {
  it('no more at once than it may have, in their order', async () => {
    const { limiter, settle } = staged({ concurrency: 2 });
    const seen = enter(limiter, 4);
    await settle();
    expect([seen.in, limiter.load]).toEqual([2, { waiting: 2, inFlight: 2 }]);
    seen.leave[0]?.();
    seen.leave[0]?.();
    await settle();
    expect([seen.in, limiter.load]).toEqual([3, { waiting: 1, inFlight: 2 }]);
  });

  it('no more a second than it may have, after a second of them at once', async () => {
    const { limiter, settle, pass } = staged({ requestsPerSecond: 2 });
    const seen = enter(limiter, 8);
    await settle();
    expect(seen.in).toBe(2);
    await pass(1000);
    expect(seen.in).toBe(4);
    await pass(2000);
    expect(seen.in).toBe(8);
  });

  it('one in five seconds, where that is all', async () => {
    const stage = staged({ requestsPerSecond: 0.2 });
    const seen = enter(stage.limiter, 2);
    await stage.settle();
    expect(seen.in).toBe(1);
    await stage.pass(4_000);
    expect(seen.in).toBe(1);
    await stage.pass(1_000);
    expect([seen.in, seen.refused]).toEqual([2, []]);
  });

  it('waits for what others have asked without entering', async () => {
    const { limiter, settle, pass } = staged({ requestsPerSecond: 1 });
    limiter.charge(3);
    const seen = enter(limiter, 1);
    await settle();
    await pass(2000);
    expect(seen.in).toBe(0);
    await pass(1000);
    expect(seen.in).toBe(1);
  });

  it('are refused by name when no turn comes, and leave nothing behind', async () => {
    const stage = staged({ concurrency: 1 });
    const seen = enter(stage.limiter, 2);
    await stage.pass(10_000);
    expect(seen.refused).toMatchObject([
      { code: 'upstream-throttled', message: expect.stringMatching(/corp .*1 at once.*within 10 seconds/) },
    ]);
    expect(stage.limiter.load).toEqual({ waiting: 0, inFlight: 1 });
    seen.leave[0]?.();
    expect(stage.timers).toBeLessThanOrEqual(1);
  });

  it('give their place in the line back when nobody waits for them', async () => {
    const { limiter, settle } = staged({ concurrency: 1 });
    enter(limiter, 1);
    const abort = new AbortController();
    const waiting = limiter.enter(abort.signal);
    await settle();
    const reason = new Error('gone');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(limiter.load.waiting).toBe(0);
    await expect(limiter.enter(abort.signal)).rejects.toBe(reason);
  });
});
