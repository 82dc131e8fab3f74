import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Known } from '../advisories/match/index.ts';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Reported } from '../core/ports/reported.ts';
import type { ImageToPull, OtherScanner, ScannerReport } from '../core/ports/scanner.ts';
import type { Verdict } from '../core/verdict.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';
import { Judge } from './judge.ts';
import { OtherFindings } from './reported-findings.ts';
import { createWorld, team, type World } from './samples.ts';
import { image, start } from './samples-images.ts';

const hour = 3_600_000;
const good = image('good');
const { digest, manifest } = good.stored;

const critical: Finding = {
  id: 'CVE-2024-0001',
  kind: 'vulnerability',
  aliases: [],
  package: 'good',
  source: 'good',
  packageType: 'generic',
  version: '1',
  purl: '',
  severity: 'critical',
  cvss: null,
  status: 'fixed',
  fixedVersion: '2',
  kev: null,
  epss: null,
  published: null,
  fixedSince: null,
  url: '',
  summary: '',
};

/** An installation in which another scanner decides, which says what it is told to. */
function installation() {
  const world: World = createWorld();
  world.put(team, null, good);
  const said = new Map<Digest, Reported>();
  const state = {
    asked: [] as ImageToPull[],
    open: 0,
    failure: null as Error | null,
    report: {
      scanner: { name: 'trivy', version: '0.74.0' },
      databaseAt: new Date(start - hour).toISOString(),
      looked: { system: null, types: ['npm'] },
      findings: [],
    } as ScannerReport,
    known: null as Pick<Known, 'catalogues' | 'endOfLife'> | null,
    exploited: false,
  };
  const scanner: OtherScanner = {
    name: 'trivy',
    scan: async () => {
      await Promise.resolve();
      if (state.failure !== null) throw state.failure;
      return state.report;
    },
  };
  const other = new OtherFindings({
    scanner,
    maxAge: 24 * hour,
    analyzers: ANALYZERS,
    door: {
      during: async (toPull, work) => {
        state.asked.push(toPull);
        state.open += 1;
        try {
          return await work({
            registry: 'http://127.0.0.1:1',
            repository: 'x',
            digest: toPull.digest,
            mediaType: toPull.mediaType,
            username: 'scan',
            password: 'secret',
          });
        } finally {
          state.open -= 1;
        }
      },
    },
    records: {
      getManifest: (...args) => world.records.getManifest(...args),
      getInventory: (...args) => world.records.getInventory(...args),
      putReported: (of, reported) => Promise.resolve(void said.set(of, reported)),
      getReported: (of) => Promise.resolve(said.get(of) ?? null),
      keepReported: () => Promise.resolve(),
    },
    analysis: world.analysis,
    blobs: { during: (_digests, work) => work() },
    read: () => Readable.from(['bytes']),
    advisories: {
      revision: () => world.revision,
      known: (findings) =>
        Promise.resolve(
          state.known === null
            ? null
            : { ...state.known, findings: findings.map((one) => ({ ...one, kev: state.exploited })) },
        ),
    },
    now: () => world.clock,
    logger: silentLogger,
  });
  const judge = new Judge({
    records: world.records,
    analysis: world.analysis,
    matcher: {
      revision: () => world.revision,
      match: () => Promise.reject(new Error('the other one decides')),
    },
    findings: other,
    policies: () => [...world.rulebook.set.policies.values()],
    analyzers: ANALYZERS,
    now: () => world.clock,
    logger: silentLogger,
  });
  const verdictOf = (verdicts: ReadonlyMap<string, Verdict>): Verdict => {
    const verdict = verdicts.get('baseline');
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  };
  return {
    world,
    state,
    said,
    other,
    judge,
    vet: async () => {
      if (manifest.kind !== 'image') throw new Error('no image');
      await world.catalogue.resolve(team, { kind: 'digest', digest });
      return verdictOf((await judge.vet(team, digest, manifest, () => undefined)).verdicts);
    },
    rejudge: async () => {
      const judged = await judge.rejudge(digest);
      return judged === null ? null : verdictOf(judged.verdicts);
    },
    isCurrent: (verdict: Verdict) => {
      const policy = world.rulebook.set.policies.get('baseline');
      if (policy === undefined) throw new Error('no policy');
      return judge.isCurrent(verdict, policy);
    },
  };
}

describe('findings of another scanner', () => {
  let here: ReturnType<typeof installation>;
  beforeEach(() => {
    here = installation();
    here.state.known = { catalogues: [], endOfLife: null };
  });

  it('decide, under its name, until they are too old', async () => {
    const { state, world } = here;
    const passed = await here.vet();
    expect(passed).toMatchObject({
      status: 'pass',
      validUntil: new Date(start + 24 * hour).toISOString(),
      next: null,
    });
    expect(passed.scanner).toMatch(/^trivy; pratique /);
    expect(state.asked).toHaveLength(1);
    expect(state.asked[0]).toMatchObject({ name: expect.stringContaining('team'), digest });
    world.clock += 24 * hour - 1;
    expect([here.isCurrent(passed), (await here.rejudge())?.status]).toEqual([true, 'pass']);
    world.clock += 1;
    expect([here.isCurrent(passed), await here.rejudge()]).toEqual([false, null]);
  });

  it('are asked for once, and again when they have ended, wherever the image was had', async () => {
    const { state, world } = here;
    await here.vet();
    await here.vet();
    expect(state.asked).toHaveLength(1);
    world.clock += 25 * hour;
    state.report = { ...state.report, findings: [critical] };
    expect(await here.other.again(digest)).toBe(true);
    expect([state.asked.length, (await here.rejudge())?.status]).toEqual([2, 'fail']);
  });

  it('refuse what they refuse', async () => {
    here.state.report = { ...here.state.report, findings: [critical] };
    const verdict = await here.vet();
    expect(verdict).toMatchObject({ status: 'fail' });
    // What the inventory knows of the package.
    expect(here.said.get(digest)?.match.findings[0]).toMatchObject({ packageType: 'deb' });
  });

  it('do not come while the scanner is away: the image is refused, and nothing is kept', async () => {
    const { state, world } = here;
    await here.vet();
    world.clock += 25 * hour;
    state.failure = new PratiqueError('scanner-unavailable', 'trivy cannot be run');
    await expect(here.vet()).rejects.toMatchObject({ code: 'scanner-unavailable' });
    expect(state.open).toBe(0);
    expect(await here.rejudge()).toBeNull();
  });

  it.each<[what: string, change: (report: ScannerReport) => ScannerReport, why: RegExp]>([
    [
      'has not looked at the system',
      (report) => ({ ...report, looked: { system: 'EOSL', types: [] } }),
      /no advisories cover Debian:12/,
    ],
    [
      'has a database that is too old',
      (report) => ({ ...report, databaseAt: '2020-01-01T00:00:00.000Z' }),
      /2020-01-01/,
    ],
    ['does not say how old its database is', (report) => ({ ...report, databaseAt: null }), /how old/],
  ])('clear nothing where the scanner %s', async (_, change, why) => {
    here.state.report = change(here.state.report);
    const { status, reasons } = await here.vet();
    expect([status, reasons.join('\n')]).toEqual(['error', expect.stringMatching(why)]);
  });

  it('get what new catalogues know without another scan', async () => {
    const { state, world } = here;
    state.report = { ...state.report, findings: [{ ...critical, severity: 'low' }] };
    const before = await here.vet();
    expect(before).toMatchObject({ status: 'pass', advisoriesRevision: 'r1' });
    world.revision = 'r2';
    state.exploited = true;
    expect(here.isCurrent(before)).toBe(false);
    expect(await here.rejudge()).toMatchObject({ status: 'fail', advisoriesRevision: 'r2' });
    expect(state.asked).toHaveLength(1);
  });

  it('need no imported advisories, and are then nothing that a catalogue has cleared', async () => {
    const { state, world } = here;
    world.revision = null;
    state.known = null;
    expect(await here.vet()).toMatchObject({ status: 'pass', advisoriesRevision: 'none' });
    world.clock += 25 * hour;
    state.report = { ...state.report, findings: [{ ...critical, severity: 'low' }] };
    // Whether it is known to be exploited nobody can tell.
    expect(await here.vet()).toMatchObject({ status: 'error' });
  });

  it('of another scanner than the one that decides do not count', async () => {
    await here.vet();
    const reported = here.said.get(digest);
    if (reported === undefined) throw new Error('nothing was said');
    here.said.set(digest, { ...reported, scanner: 'grype' });
    expect(await here.rejudge()).toBeNull();
  });

  it('of the future do not count: the clock has been set back', async () => {
    await here.vet();
    here.world.clock -= hour;
    expect(await here.rejudge()).toBeNull();
  });

  it('are asked for once by all who wait', async () => {
    await here.vet();
    here.world.clock += 25 * hour;
    await Promise.all([here.vet(), here.vet(), here.vet()]);
    expect(here.state.asked).toHaveLength(2);
  });
});
