import { createServer, type Server } from 'node:http';
import { forGates } from '../../../core/for-gates.ts';
import {
  type ReplicaGround,
  type ReplicaImage,
  type ReplicaImages,
  type ReplicaPage,
  type ReplicaVerdict,
  replicaSchemaVersion,
} from '../../../core/replica.ts';
import { parsePolicySources } from '../../../policy/bindings/sources.ts';
import { imageOf, range, verdictOf } from './entries.ts';

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

function entryOf(index: number, policyRevision: string, at: string): ReplicaVerdict {
  const image = imageOf(index);
  return {
    digest: image.digest,
    policy: 'baseline',
    since: at,
    images: [`registry.corp/${image.repository.path}`],
    verdict: forGates(verdictOf(index, policyRevision, at)),
  };
}
