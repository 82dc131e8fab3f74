import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { createReevaluation } from './reevaluation.ts';
import type { RoundEnd, RoundOptions } from './reevaluation-round.ts';

const digests = ['a', 'b', 'c'].flatMap((letter) => parseDigest(`sha256:${letter.repeat(64)}`) ?? []);
const [a, _b, _c] = digests as [Digest, Digest, Digest];
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
};

type Script = (options: RoundOptions) => RoundEnd | Promise<RoundEnd>;

/** Every attempt plays the next script; the last one again and again. */
function world(scripts: readonly Script[], advisories: () => string | null = () => 'r1') {
  const attempts: RoundOptions[] = [];
  const told: Digest[][] = [];
  const log: string[] = [];
  const note = (_: object, message: string): void => {
    log.push(message);
  };
  const reevaluation = createReevaluation({
    stateFile: 'state.db',
    records: {
      putEvaluated: () => Promise.resolve({ written: 0, overtaken: [] }),
      matchState: () => Promise.resolve(null),
      stageMatches: () => Promise.resolve(),
      switchMatches: () => Promise.resolve('switched'),
      askRematch: () => Promise.resolve(),
      rematchAsked: () => Promise.resolve(null),
    },
    advisories: () => {
      const revision = advisories();
      return revision === null ? null : { file: 'advisories.db', revision };
    },
    policies: () => [],
    analyzers: 'a/1',
    now: () => Date.parse('2026-06-01T12:00:00Z'),
    logger: { ...silentLogger, info: note, warn: note, error: note },
    onChanged: (changed) => told.push([...changed]),
    pause: 1,
    run: async (options) => {
      attempts.push(options);
      const script = scripts[attempts.length - 1] ?? scripts.at(-1);
      if (script === undefined) throw new Error('no script');
      return script(options);
    },
  });
  return { reevaluation, attempts, told, log };
}

const done: Script = (options) => {
  options.onTotal(3, 0);
  options.onStored({ images: 2, last: 2 }, [a]);
  options.onStored({ images: 1, last: 3 }, []);
  return { kind: 'done' };
};
const crash: Script = () => ({ kind: 'failed', error: new Error('out of memory') });
/** Goes on until it is ended. */
const endless: Script = ({ signal }) =>
  new Promise((resolve) => {
    const end = (): void => resolve({ kind: 'ended' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

describe('judging recorded images again', () => {
  it('tells how far it is, and what has changed', async () => {
    const { reevaluation, told, log } = world([done]);
    expect(reevaluation.state).toEqual({ running: false, phase: null, done: 0, total: 0, startedAt: null });
    reevaluation.start('policy');
    expect(reevaluation.state.running).toBe(true);
    await settle();
    expect(reevaluation.state).toEqual({
      running: false,
      phase: null,
      done: 3,
      total: 3,
      startedAt: '2026-06-01T12:00:00.000Z',
    });
    expect(told).toEqual([[a]]);
    expect(log).toEqual(['recorded images were judged again']);
  });

  it('begins anew when what it judges by is another, and ends what was under way', async () => {
    const { reevaluation, attempts } = world([endless, done]);
    reevaluation.start('policy');
    await settle();
    reevaluation.start('advisories');
    await settle();
    expect(attempts.map(({ signal, after }) => [signal.aborted, after])).toEqual([
      [true, null],
      [false, null],
    ]);
    expect(reevaluation.state).toMatchObject({ running: false, done: 3 });
  });

  it('begins once for many causes at once', async () => {
    const { reevaluation, attempts } = world([done]);
    for (const cause of ['policy', 'exception', 'advisories'] as const) reevaluation.start(cause);
    await settle();
    expect(attempts).toHaveLength(1);
  });

  it('tells of a thread that has crashed, and goes on after what was stored', async () => {
    const half: Script = (options) => {
      options.onStored({ images: 1, last: 1 }, [a]);
      return crash(options);
    };
    const { reevaluation, attempts, told, log } = world([half, crash, done]);
    reevaluation.start('policy');
    await settle();
    expect(attempts.map(({ after }) => after)).toEqual([null, 1, 1]);
    expect(told).toEqual([[a], [a]]);
    expect(log.filter((message) => message.startsWith('judging recorded images again failed'))).toHaveLength(
      2,
    );
    expect(reevaluation.state.running).toBe(false);
  });

  it('gives a round up that gets no further', async () => {
    const { reevaluation, attempts } = world([crash]);
    reevaluation.start('policy');
    const until = Date.now() + 5000;
    while (reevaluation.state.running && Date.now() < until) await settle();
    expect(attempts).toHaveLength(5);
    expect(reevaluation.state.running).toBe(false);
  });

  it('judges nothing without advisories', async () => {
    const { reevaluation, attempts, log } = world([done], () => null);
    reevaluation.start('policy');
    await settle();
    expect(attempts).toHaveLength(0);
    expect(log).toEqual(['recorded images are not judged again: there are no advisories']);
  });

  it('takes the advisories that are in force at each attempt', async () => {
    const revisions = ['r1', 'r2'];
    const { reevaluation, attempts } = world([crash, done], () => revisions.shift() ?? 'r2');
    reevaluation.start('advisories');
    await settle();
    expect(attempts.map(({ advisories }) => advisories.revision)).toEqual(['r1', 'r2']);
  });

  it('stops', async () => {
    const { reevaluation } = world([endless]);
    reevaluation.start('policy');
    await settle();
    await reevaluation.stop();
    expect(reevaluation.state.running).toBe(false);
  });
});
