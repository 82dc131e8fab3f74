import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import type { RegistryAuthorization } from '../core/ports/scans.ts';
import type { JobStatus } from './jobs.ts';
import {
  digestOf,
  FakeJobs,
  job,
  type Rig,
  rig,
  scanned,
  scanner,
  settle,
  source,
  start,
  uncoveredVerdict,
} from './samples.ts';
import type { ScanRequest } from './scan-request.ts';

const minute = 60_000;

function request(fields: Partial<ScanRequest> = {}, letter = 'a'): ScanRequest {
  const {
    id: _id,
    createdAt: _createdAt,
    deadline: _deadline,
    state: _state,
    ...rest
  } = job({
    source: source({ digest: digestOf(letter) }),
  });
  return { ...rest, ...fields };
}

const robot = (name: string): RegistryAuthorization => ({ kind: 'basic', username: name, password: 's' });
const refused = new PratiqueError('upstream-refused', 'harbor.example answered 401.');
const away = new PratiqueError('upstream-unreachable', 'harbor.example cannot be reached: ECONNREFUSED.');

async function kindOf(at: Rig, id: string): Promise<JobStatus['kind'] | 'gone'> {
  return (await at.engine.status(id))?.kind ?? 'gone';
}

async function errorOf(at: Rig, id: string): Promise<string> {
  const status = await at.engine.status(id);
  return status?.kind === 'failed' ? status.error.message : `is ${status?.kind}`;
}

describe('a scan', () => {
  it('is recorded before it is answered, waits, and is done', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    expect(at.jobs.jobs.get(id)).toMatchObject({
      state: { kind: 'waiting' },
      deadline: new Date(start + 25 * minute).toISOString(),
    });
    await settle();
    expect(await kindOf(at, id)).toBe('waiting');
    await at.scans.answer(scanned());
    expect(await at.engine.status(id)).toMatchObject({ kind: 'done', finishedAt: expect.any(String) });
    expect(at.jobs.jobs.get(id)?.source.authorization).toEqual({ kind: 'none' });
    expect(at.engine.load).toEqual({ waiting: 0, running: 0 });
  });

  it('of a digest that is known is ready at the first poll and asks no registry', async () => {
    const at = rig();
    at.scans.held.set(digestOf('a'), scanned());
    const id = await at.engine.accept(request());
    await settle();
    expect([await kindOf(at, id), at.scans.scans]).toEqual(['done', 0]);
  });

  it('of nothing is not there', async () => {
    expect(await rig().engine.status('nothing')).toBeNull();
  });

  it('tells when a poll is worth while', async () => {
    const at = rig({}, { concurrency: 1 });
    const first = await at.engine.accept(request());
    const second = await at.engine.accept(request({}, 'c'));
    await settle();
    await at.clock.turn(10_000);
    at.scans.open[0]?.progress(2, 6);
    expect(await at.engine.status(first)).toMatchObject({ refreshAfter: 20 });
    expect(await at.engine.status(second)).toMatchObject({ refreshAfter: 5 });
  });

  it('never logs its secret', async () => {
    const at = rig();
    await at.engine.accept(request({ source: source({ authorization: robot('robot$x') }) }));
    await settle();
    await at.scans.answer(refused);
    await settle();
    expect(at.fields.join()).not.toMatch(/"s"|password|robot\$x/);
    expect(at.logged).toEqual(['scan refused']);
  });
});

describe('many scans', () => {
  it('of one digest are one inspection, and one report', async () => {
    const at = rig();
    const ids = [];
    for (let count = 0; count < 10; count += 1) ids.push(await at.engine.accept(request()));
    await settle();
    await at.scans.answer(scanned());
    expect(await Promise.all(ids.map((id) => kindOf(at, id)))).toEqual(ids.map(() => 'done'));
    expect([at.scans.scans, at.jobs.puts]).toEqual([1, 1]);
  });

  it('of other digests run so many at once', async () => {
    const at = rig({}, { concurrency: 2 });
    for (const letter of ['a', 'b', 'c']) await at.engine.accept(request({}, letter));
    await settle();
    expect([at.scans.open.length, at.engine.load]).toEqual([2, { waiting: 3, running: 2 }]);
    await at.scans.answer(scanned());
    expect(at.scans.open.length).toBe(2);
  });

  it('are refused when too many wait, and taken again when one is done', async () => {
    const at = rig({}, { mostWaiting: 2 });
    const both = await Promise.allSettled([
      at.engine.accept(request()),
      at.engine.accept(request({}, 'b')),
      at.engine.accept(request({}, 'c')),
    ]);
    expect(both.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(at.engine.accept(request())).rejects.toMatchObject({ code: 'queue-full' });
    await settle();
    await at.scans.answer(scanned());
    await expect(at.engine.accept(request())).resolves.toBe('job-3');
  });
});

describe('credentials', () => {
  it('of the next who waits are tried when those of the first are refused', async () => {
    const at = rig();
    const first = await at.engine.accept(request({ source: source({ authorization: robot('old') }) }));
    const second = await at.engine.accept(request({ source: source({ authorization: robot('young') }) }));
    await settle();
    await at.scans.answer(refused);
    expect(await errorOf(at, first)).toContain('does not accept the robot account');
    expect(at.scans.open[0]?.source.authorization).toEqual(robot('young'));
    await at.scans.answer(scanned());
    expect(await kindOf(at, second)).toBe('done');
  });

  it('that are refused after a wait are said to have ended', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    await at.clock.turn(7 * minute);
    await at.scans.answer(refused);
    expect(await errorOf(at, id)).toContain(
      'is no longer accepted by https://harbor.example: it expired or was deleted while the scan waited (7 minutes). Scan the image again.',
    );
  });

  it('that were never given are said to be missing', async () => {
    const at = rig();
    const id = await at.engine.accept(request({ source: source({ authorization: { kind: 'none' } }) }));
    await settle();
    await at.scans.answer(refused);
    expect(await errorOf(at, id)).toContain('came without credentials');
  });
});

describe('a scan that fails', () => {
  it.each<[what: string, error: Error, told: string]>([
    ['an index', new PratiqueError('manifest-invalid', 'It is an index.'), 'It is an index.'],
    ['no advisories', new PratiqueError('advisories-missing', 'There are no advisories.'), 'no advisories'],
    ['gone', new PratiqueError('manifest-unknown', 'It is not there.'), 'not there'],
    ['a defect', new TypeError('x is not a function'), 'an error inside Pratique, see its log'],
  ])('%s', async (_what, error, told) => {
    const at = rig();
    const id = await at.engine.accept(request());
    const other = await at.engine.accept(request());
    await settle();
    await at.scans.answer(error);
    expect(await errorOf(at, id)).toContain(told);
    expect(await errorOf(at, other)).toContain(told);
    expect(await errorOf(at, id)).not.toContain('is not a function');
  });

  it('is tried again where the registry was away for a moment', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    await at.scans.answer(away);
    expect(await kindOf(at, id)).toBe('waiting');
    await at.clock.turn(2000);
    await at.scans.answer(scanned());
    expect(await kindOf(at, id)).toBe('done');
  });

  it('is given up after three tries', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    for (const wait of [2000, 4000, 0]) {
      await settle();
      await at.scans.answer(away);
      await at.clock.turn(wait);
    }
    expect(await errorOf(at, id)).toContain('cannot be reached');
    expect(at.scans.scans).toBe(3);
  });

  it('because the queue is full goes on until its deadline', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    for (let tries = 0; at.scans.open.length > 0; tries += 1) {
      expect(tries).toBeLessThan(100);
      await at.scans.answer(new PratiqueError('queue-full', 'Too many.'));
      await at.clock.turn(minute);
    }
    expect(await errorOf(at, id)).toContain('was not finished after 25 minutes');
    expect(at.clock.time - start).toBeGreaterThanOrEqual(25 * minute);
  });

  it('in one registry says nothing of another', async () => {
    const at = rig();
    const first = await at.engine.accept(request());
    const second = await at.engine.accept(request({ source: source({ registry: 'https://b.example' }) }));
    await settle();
    await at.scans.answer(new PratiqueError('manifest-unknown', 'It is not there.'));
    expect(at.scans.open[0]?.source.registry).toBe('https://b.example');
    await at.scans.answer(scanned());
    expect([await kindOf(at, first), await kindOf(at, second)]).toEqual(['failed', 'done']);
  });

  it('because nobody can judge the image says why', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    await at.scans.answer(scanned({ verdict: uncoveredVerdict }));
    expect(await errorOf(at, id)).toContain('no advisories cover Alpine:v3.99');
  });

  it('for vulnerabilities may have an SBOM nevertheless', async () => {
    const at = rig();
    const id = await at.engine.accept(request({ kinds: ['vulnerabilities', 'sbom'] }));
    await settle();
    await at.scans.answer(scanned({ verdict: uncoveredVerdict }));
    expect(await kindOf(at, id)).toBe('done');
  });
});

describe('time', () => {
  it('past the deadline the job has failed, and others go on', async () => {
    const at = rig({}, { concurrency: 1 });
    const stuck = await at.engine.accept(request());
    await settle();
    await at.clock.turn(20 * minute);
    const next = await at.engine.accept(request({}, 'b'));
    await settle();
    await at.clock.turn(5 * minute);
    expect(await errorOf(at, stuck)).toContain('was not finished after 25 minutes');
    expect(at.scans.open[1]?.source.digest).toBe(digestOf('b'));
    at.scans.open.reverse();
    await at.scans.answer(scanned());
    expect(await kindOf(at, next)).toBe('done');
    // What nobody waits for any more ends without a word.
    await at.scans.answer(scanned());
    expect(await kindOf(at, stuck)).toBe('failed');
    expect(at.engine.load).toEqual({ waiting: 0, running: 0 });
  });

  it('that passed in the queue is told as such', async () => {
    const at = rig({}, { concurrency: 1 });
    await at.engine.accept(request());
    const waiting = await at.engine.accept(request({}, 'b'));
    await at.clock.turn(minute);
    // Keeps the first inspection worth while.
    await at.engine.accept(request());
    await at.clock.turn(24 * minute);
    expect(await errorOf(at, waiting)).toContain('waited 25 minutes behind others and was not begun');
  });

  it('finished jobs are removed after a day, looked for every hour', async () => {
    const at = rig();
    await at.engine.start();
    await at.clock.turn(60 * minute);
    expect(at.jobs.pruned).toEqual([
      new Date(start - 24 * 60 * minute).toISOString(),
      new Date(start - 23 * 60 * minute).toISOString(),
    ]);
    at.engine.stop();
    await at.clock.turn(120 * minute);
    expect(at.jobs.pruned.length).toBe(2);
  });
});

describe('a restart', () => {
  it('takes up what waits, with its credentials, and fails what is past its deadline', async () => {
    const at = rig();
    at.jobs.jobs.set('old', job({ id: 'old', deadline: new Date(start - 1).toISOString() }));
    at.jobs.jobs.set('young', job({ id: 'young', source: source({ digest: digestOf('b') }) }));
    at.jobs.jobs.set('done', job({ id: 'done', state: { kind: 'done', revision: 'r', finishedAt: '' } }));
    await at.engine.start();
    await at.clock.turn(0);
    expect(await kindOf(at, 'old')).toBe('failed');
    const open = at.scans.open.find((call) => call.source.digest === digestOf('b'));
    expect(open?.source.authorization).toEqual(source().authorization);
    open?.answer(scanned());
    await settle();
    expect([await kindOf(at, 'young'), await kindOf(at, 'done')]).toEqual(['done', 'done']);
  });

  it('is not waited for by what is stopped', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    at.engine.stop();
    await at.scans.answer(scanned());
    expect(at.jobs.jobs.get(id)?.state.kind).toBe('waiting');
  });
});

describe('records that cannot be written', () => {
  it('make the scan fail, visibly', async () => {
    const at = rig();
    const id = await at.engine.accept(request());
    await settle();
    at.jobs.broken = new Error('disk full');
    await at.scans.answer(scanned());
    expect(await errorOf(at, id)).toContain('an error inside Pratique');
    expect(at.logged).toContain('scan job could not be recorded');
  });

  it('of a report make the scan fail, visibly', async () => {
    const jobs = new FakeJobs();
    jobs.putReport = async () => {
      throw new Error('disk full');
    };
    const at = rig({ jobs, scanner });
    const id = await at.engine.accept(request());
    await settle();
    await at.scans.answer(scanned());
    expect(await errorOf(at, id)).toContain('an error inside Pratique');
  });
});
