import { type Digest, parseDigest } from '../core/digest.ts';
import type { Finding } from '../core/finding.ts';
import type { Inventory } from '../core/inventory.ts';
import type { ReportKey, ScanJob, ScanJobState, ScanJobs } from '../core/ports/scan-jobs.ts';
import type { ImageScans, Scanned, ScanSource } from '../core/ports/scans.ts';
import type { RuleOutcome, Verdict } from '../core/verdict.ts';
import { defaultScanLimits, type ScanEngineOptions } from './engine-options.ts';
import { ScanEngine } from './jobs.ts';

/** What the tests of this room share: scanned images, the two ports in memory, a clock that is turned by hand. */
export function digestOf(letter: string): Digest {
  const digest = parseDigest(`sha256:${letter.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}

export const scanner = { name: 'Pratique', vendor: 'Pratique', version: '0.1.0' };
/** 2026-06-01, in milliseconds. */
export const start = Date.UTC(2026, 5, 1);

export function finding(fields: Partial<Finding> = {}): Finding {
  return {
    id: 'DEBIAN-CVE-2024-0001',
    kind: 'vulnerability',
    aliases: ['CVE-2024-0001'],
    package: 'openssl',
    source: 'openssl',
    packageType: 'deb',
    version: '3.0.1-1',
    purl: 'pkg:deb/debian/openssl@3.0.1-1',
    severity: 'high',
    cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 },
    status: 'fixed',
    fixedVersion: '3.0.2-1',
    kev: false,
    epss: 0.2,
    published: '2024-01-02T00:00:00Z',
    fixedSince: '2024-01-02T00:00:00Z',
    url: 'https://osv.example/DEBIAN-CVE-2024-0001',
    summary: 'A buffer is read beyond its end.',
    ...fields,
  };
}

const inventory: Inventory = {
  os: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12' },
  platform: { os: 'linux', architecture: 'amd64', variant: null },
  packages: [
    {
      type: 'deb',
      name: 'libssl3',
      version: '3.0.1-1',
      arch: 'amd64',
      source: { name: 'openssl', version: '3.0.1-1' },
      purl: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64',
      layer: digestOf('b'),
      paths: [],
      licenses: ['Apache-2.0'],
    },
  ],
  incomplete: [],
  unfit: [],
  analyzers: 'test 1',
  content: 'image',
  facts: null,
  checks: [],
};

const verdict: Verdict = {
  status: 'pass',
  policy: 'baseline',
  policyRevision: 'p1',
  advisoriesRevision: 'a1',
  scanner: 'pratique 0.1.0',
  rules: [],
  reasons: [],
  summary: {
    counts: { critical: 0, high: 1, medium: 0, low: 0, negligible: 0, unknown: 0 },
    fixable: 1,
    worst: [],
  },
  coverage: [],
  suppressed: [],
  blockers: { complete: true, list: [] },
  evaluatedAt: '2026-06-01T00:00:00.000Z',
  validUntil: null,
  next: null,
};

export function scanned(
  fields: {
    readonly inventory?: Partial<Inventory>;
    readonly verdict?: Partial<Verdict>;
    readonly findings?: readonly Finding[];
    readonly revision?: string;
  } = {},
): Scanned {
  return {
    inventory: { ...inventory, ...fields.inventory },
    match: {
      findings: fields.findings ?? [finding()],
      coverage: [],
      advisories: { revision: fields.revision ?? 'a1', updatedAt: '2026-05-31T00:00:00.000Z' },
      endOfLife: null,
    },
    verdict: { ...verdict, ...fields.verdict },
  };
}

export const uncovered: RuleOutcome = {
  id: 'require.coverage',
  action: 'error',
  title: 'Advisories exist for everything in it',
  why: null,
  remedy: 'Move to a release that is supported.',
  controls: [],
  graceUntil: null,
  findings: 0,
};

/** A verdict of an image whose release has no advisories. */
export const uncoveredVerdict: Partial<Verdict> = {
  status: 'error',
  rules: [uncovered],
  reasons: ['no advisories cover Alpine:v3.99 (1 package): what is not covered is not clean'],
};

export function source(fields: Partial<ScanSource> = {}): ScanSource {
  return {
    registry: 'https://harbor.example',
    insecure: false,
    authorization: { kind: 'basic', username: 'robot$scan', password: 'secret' },
    repository: 'library/nginx',
    digest: digestOf('a'),
    ...fields,
  };
}

export function job(fields: Partial<ScanJob> = {}): ScanJob {
  const place = fields.source ?? source();
  return {
    id: 'job-1',
    source: place,
    artifact: { repository: place.repository, digest: place.digest, tag: '1.27', mimeType: '' },
    kinds: ['vulnerabilities'],
    sbomMediaTypes: [],
    createdAt: new Date(start).toISOString(),
    deadline: new Date(start + 25 * 60_000).toISOString(),
    state: { kind: 'waiting' },
    ...fields,
  };
}

/** The body of `POST /scan` as Harbor writes it. */
export function scanRequest(fields: { readonly [field: string]: unknown } = {}): {
  [field: string]: unknown;
} {
  return {
    registry: {
      url: 'https://harbor.example',
      authorization: `Basic ${Buffer.from('robot$scan:secret').toString('base64')}`,
      insecure: false,
    },
    artifact: {
      repository: 'library/nginx',
      tag: '1.27',
      digest: digestOf('a'),
      mime_type: 'application/vnd.docker.distribution.manifest.v2+json',
      size: 3040,
    },
    enabled_capabilities: [
      {
        type: 'vulnerability',
        produces_mime_types: ['application/vnd.security.vulnerability.report; version=1.1'],
        parameters: null,
      },
    ],
    ...fields,
  };
}

/** `ScanJobs` in memory, with what it was asked. */
export class FakeJobs implements ScanJobs {
  readonly jobs = new Map<string, ScanJob>();
  readonly reports = new Map<string, Uint8Array>();
  readonly pruned: string[] = [];
  puts = 0;
  /** Thrown by `finish` while it is set. */
  broken: Error | null = null;

  async put(one: ScanJob): Promise<void> {
    this.jobs.set(one.id, one);
  }
  async get(id: string): Promise<ScanJob | null> {
    return this.jobs.get(id) ?? null;
  }
  async finish(id: string, state: Exclude<ScanJobState, { kind: 'waiting' }>): Promise<void> {
    if (this.broken !== null) throw this.broken;
    const one = this.jobs.get(id);
    if (one === undefined) throw new Error(`no job ${id}`);
    this.jobs.set(id, { ...one, state, source: { ...one.source, authorization: { kind: 'none' } } });
  }
  async waiting(): Promise<readonly ScanJob[]> {
    return [...this.jobs.values()].filter((one) => one.state.kind === 'waiting');
  }
  async prune(before: string): Promise<void> {
    this.pruned.push(before);
  }
  async putReport(key: ReportKey, body: Uint8Array): Promise<void> {
    this.puts += 1;
    this.reports.set(JSON.stringify(Object.entries(key).sort()), body);
  }
  async getReport(key: ReportKey): Promise<Uint8Array | null> {
    return this.reports.get(JSON.stringify(Object.entries(key).sort())) ?? null;
  }
}

interface Call {
  readonly source: ScanSource;
  readonly progress: (done: number, total: number) => void;
  readonly answer: (result: Scanned | Error) => void;
}

/** `ImageScans` whose scans end when the test says so. */
export class FakeScans implements ImageScans {
  /** What is known without asking a registry, by digest. */
  readonly held = new Map<string, Scanned>();
  /** Scans that were begun and have not been answered. */
  readonly open: Call[] = [];
  scans = 0;

  async known({ digest }: ScanSource): Promise<Scanned | null> {
    return this.held.get(digest) ?? null;
  }
  scan(place: ScanSource, progress: Call['progress']): Promise<Scanned> {
    this.scans += 1;
    return new Promise((resolve, reject) => {
      this.open.push({
        source: place,
        progress,
        answer: (result) => (result instanceof Error ? reject(result) : resolve(result)),
      });
    });
  }
  revision(): string {
    return 'a1';
  }
  /** Answers the scan that was begun first. */
  async answer(result: Scanned | Error): Promise<void> {
    const call = this.open.shift();
    if (call === undefined) throw new Error('no scan is open');
    call.answer(result);
    await settle();
  }
}

/** Timers that ring when the clock is turned. */
export class FakeClock {
  time = start;
  readonly #timers = new Set<{ readonly at: number; readonly call: () => void }>();
  readonly now = (): number => this.time;
  readonly after = (milliseconds: number, call: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };
  async turn(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.time || !this.#timers.delete(timer)) continue;
      timer.call();
      await settle();
    }
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface Rig {
  readonly engine: ScanEngine;
  readonly scans: FakeScans;
  readonly jobs: FakeJobs;
  readonly clock: FakeClock;
  /** Constant messages that were logged, in order. */
  readonly logged: string[];
  /** All fields that were logged, as text. */
  readonly fields: string[];
}

export function rig(
  options: Partial<ScanEngineOptions> = {},
  limits: Partial<ScanEngineOptions['limits']> = {},
): Rig {
  const scans = new FakeScans();
  const jobs = new FakeJobs();
  const clock = new FakeClock();
  const logged: string[] = [];
  const fields: string[] = [];
  const log = (data: object, message: string) => {
    logged.push(message);
    fields.push(JSON.stringify(data));
  };
  let id = 0;
  const engine = new ScanEngine({
    scans,
    jobs,
    scanner,
    limits: { ...defaultScanLimits, concurrency: 4, deadline: 25 * 60_000, ...limits },
    uncleared: 'fail',
    logger: { debug: log, info: log, warn: log, error: log },
    now: clock.now,
    newId: () => {
      id += 1;
      return `job-${id}`;
    },
    after: clock.after,
    ...options,
  });
  return { engine, scans, jobs, clock, logged, fields };
}
