import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Digest } from '../../../core/digest.ts';
import {
  type ReplicaGround,
  type ReplicaImage,
  type ReplicaImages,
  type ReplicaPage,
  type ReplicaVerdict,
  replicaSchemaVersion,
} from '../../../core/replica.ts';
import type { Verdict } from '../../../core/verdict.ts';
import { parsePolicySources } from '../../../policy/bindings/sources.ts';

const schemaVersion = replicaSchemaVersion;
const records = 'bench';
const policySources = { source: null, texts: {} };

/** What a proxy would tell of so many images by the baseline: three of ten are refused, each with words of its own. */
export interface BenchProxy {
  readonly server: Server;
  readonly ground: ReplicaGround;
  imageOf(index: number): ReplicaImage;
}

/** A proxy's port for gates, on plain HTTP. What it says lies ready. */
export function benchProxy(images: number): BenchProxy {
  const set = parsePolicySources(policySources);
  const policy = set.policies.get('baseline');
  if (policy === undefined) throw new Error('there is no baseline');
  const ground: ReplicaGround = {
    schemaVersion,
    revision: 'ground-1',
    policy: { ...policySources, revision: set.revision },
    exceptions: [],
    names: {
      upstreams: [{ name: 'corp', namespace: 'registry.corp', url: null }],
      publicNames: [],
      boundNames: {},
    },
  };
  const at = new Date().toISOString();
  // Made before anything is measured: to make them is the proxy's work.
  const entries = range(0, images).map((index) => JSON.stringify(entryOf(index, policy.revision, at)));
  const listed = range(0, images).map((index) => JSON.stringify(imageOf(index)));
  const read = (query: URLSearchParams): { readonly after: number; readonly cursor: number } => {
    const after = Number(query.get('after') ?? 0);
    return { after, cursor: Math.min(images, after + Number(query.get('limit') ?? 100)) };
  };
  const page = (query: URLSearchParams): string => {
    const { after, cursor } = read(query);
    const head: Omit<ReplicaPage, 'verdicts'> = {
      ...{ schemaVersion, records, ground: ground.revision, forgotten: [], cursor, last: images },
    };
    return `${JSON.stringify(head).slice(0, -1)},"verdicts":[${entries.slice(after, cursor).join()}]}`;
  };
  const imagePage = (query: URLSearchParams): string => {
    const { after, cursor } = read(query);
    const head: Omit<ReplicaImages, 'images'> = {
      ...{ schemaVersion, records, gone: [], cursor, last: images },
    };
    return `${JSON.stringify(head).slice(0, -1)},"images":[${listed.slice(after, cursor).join()}]}`;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://bench.invalid');
    const send = (text: string): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
    };
    if (url.pathname === '/gates/v1/ground') send(JSON.stringify(ground));
    else if (url.pathname === '/gates/v1/images') send(imagePage(url.searchParams));
    else if (url.searchParams.get('after') === String(images)) {
      const wait = Number(url.searchParams.get('wait') ?? 0);
      setTimeout(() => send(page(url.searchParams)), wait * 1000);
    } else send(page(url.searchParams));
  });
  return { server, ground, imageOf };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_one, offset) => from + offset);
}

function digestOf(index: number): Digest {
  return `sha256:${createHash('sha256').update(`image ${index}`).digest('hex')}` as Digest;
}

function imageOf(index: number): ReplicaImage {
  const digest = digestOf(index);
  return {
    repository: {
      ...{ upstream: 'corp', namespace: 'registry.corp', path: `team-${index % 200}/app-${index % 5000}` },
    },
    ...{ digest, platforms: [{ platform: null, digest }], unfit: [], tags: [`1.${index}`] },
  };
}

function entryOf(index: number, policyRevision: string, at: string): ReplicaVerdict {
  const image = imageOf(index);
  return {
    digest: image.digest,
    policy: 'baseline',
    since: at,
    images: [`registry.corp/${image.repository.path}`],
    verdict: verdictOf(index, policyRevision, at),
  };
}

/** As `forGates` leaves them. */
function verdictOf(index: number, policyRevision: string, at: string): Verdict {
  const isBad = index % 10 < 3;
  const findings = range(0, isBad ? 6 : 3).map((one) => ({
    ...{
      id: `DEBIAN-CVE-2026-${1000 + ((index * 7 + one * 131) % 9000)}`,
      package: `lib${(index + one) % 997}`,
    },
    ...{
      aliases: [`CVE-2026-${1000 + ((index * 7 + one * 131) % 9000)}`],
      source: `src${(index + one) % 499}`,
    },
    version: `1.${index % 40}.${one}-${index % 7}+deb12u${one}`,
  }));
  const until = new Date(Date.parse(at) + 7 * 86_400_000).toISOString();
  return {
    ...{
      status: isBad ? 'fail' : 'pass',
      policy: 'baseline',
      policyRevision,
      advisoriesRevision: 'a1b2c3d4e5f60718',
    },
    scanner: 'pratique 0.1.0',
    rules: isBad
      ? [
          {
            ...{ id: 'critical-with-fix', action: 'deny', title: 'Critical, and a fix exists', why: null },
            ...{ remedy: 'Update the package, or build on a newer base image.', controls: [] },
            ...{ graceUntil: null, findings: findings.length },
          },
        ]
      : [],
    reasons: isBad
      ? findings.map(
          (one) => `${one.aliases[0] ?? ''} critical in ${one.package} ${one.version} (fixed in 9.9)`,
        )
      : [],
    summary: {
      counts: {
        critical: isBad ? 6 : 0,
        high: index % 17,
        medium: index % 41,
        low: index % 90,
        negligible: index % 30,
        unknown: 0,
      },
      fixable: index % 50,
      worst: findings.slice(0, 3).map(({ source: _source, ...one }) => ({
        ...one,
        ...({
          severity: isBad ? 'critical' : 'high',
          fixedVersion: '9.9',
          kev: false,
          status: 'fixed',
        } as const),
      })),
    },
    ...{ coverage: [], suppressed: [] },
    blockers: {
      complete: true,
      list: isBad
        ? findings.map(({ version: _version, ...finding }) => ({ rule: 'critical-with-fix', finding }))
        : [],
    },
    ...{ evaluatedAt: at, validUntil: until, next: isBad ? null : { at: until, status: 'error' } },
  };
}
