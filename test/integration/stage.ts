import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alpineRoot, type Built, buildImage, debianRoot, type ImageSpec } from '../support/images.ts';
import { type OsvFeeds, osvRecord } from '../support/osv.ts';
import {
  importFeeds,
  type Ports,
  type PratiqueOptions,
  type RunningPratique,
  startPratique,
} from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Credentials, startUpstream, type Upstream, type UpstreamOptions } from '../support/upstream.ts';
import { type Answer, type Asking, ask } from './client.ts';

/** Where the gate's tests play: one upstream named `corp`, a few advisories, and the real built program. */

const criticalVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const highVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N';

/** Critical in openssl before 3.0.2-1, high in zlib before 1.3-1, nothing known of curl. Debian 12 alone. */
export const feeds: OsvFeeds = {
  Debian: [
    osvRecord({
      id: 'DEBIAN-CVE-2026-1001',
      ecosystem: 'Debian:12',
      package: 'openssl',
      fixed: '3.0.2-1',
      upstream: ['CVE-2026-1001'],
      cvss: criticalVector,
    }),
    osvRecord({
      id: 'DEBIAN-CVE-2026-1002',
      ecosystem: 'Debian:12',
      package: 'zlib',
      fixed: '1.3-1',
      upstream: ['CVE-2026-1002'],
      cvss: highVector,
    }),
  ],
  kev: [{ cveID: 'CVE-2020-0001', dateAdded: '2021-01-01' }],
};

/** The same, and curl is critical from now on. */
export const laterFeeds: OsvFeeds = {
  ...feeds,
  Debian: [
    ...(feeds.Debian ?? []),
    osvRecord({
      id: 'DEBIAN-CVE-2026-1003',
      ecosystem: 'Debian:12',
      package: 'curl',
      fixed: '9',
      upstream: ['CVE-2026-1003'],
      cvss: criticalVector,
    }),
  ],
};

/** An image of Debian 12 with one package; `note` makes two of the same packages different. */
export function debian(name: string, version: string, note = '', spec: Partial<ImageSpec> = {}) {
  return buildImage({
    ...spec,
    layers: [
      {
        files: [
          ...debianRoot({ release: '12', packages: [{ name, version }] }),
          { path: 'note', content: note },
        ],
      },
      ...(spec.layers ?? []),
    ],
  });
}

export const clean = debian('curl', '7.88-1', 'clean', {
  layers: [{ files: [{ path: 'app', content: 'a' }] }],
});
export const bad = debian('openssl', '3.0.1-1', 'bad', {
  layers: [{ files: [{ path: 'app', content: 'b' }] }],
});
export const warned = debian('zlib', '1.2-1', 'warned');
export const uncovered = buildImage({
  layers: [{ files: alpineRoot({ release: '3.19.4', packages: [{ name: 'musl', version: '1.2.4-r2' }] }) }],
});

/** Bytes that do not compress, so that a throttled layer takes its time. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12_345;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export interface Stage {
  readonly upstream: Upstream;
  pratique: RunningPratique;
  readonly dir: string;
  /** Asks for something below `/v2/corp/`. */
  get(path: string, asking?: Asking): Promise<Answer>;
  head(path: string, asking?: Asking): Promise<Answer>;
  /** Asks for everything that a pull asks for; gives the first refusal, or the last answer. */
  pull(repository: string, reference: string): Promise<Answer>;
  /** Stops the program and starts it again in its place, on what it left. */
  restart(signal?: NodeJS.Signals, options?: Partial<PratiqueOptions>): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions extends UpstreamOptions {
  readonly feeds?: OsvFeeds | null;
  readonly policy?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** See `PratiqueOptions`. */
  readonly turnedClock?: boolean;
  readonly namespace?: string;
  /** See `PratiqueOptions`. */
  readonly ports?: Ports;
  readonly credentials?: Credentials;
  /** Further keys of the upstream in the configuration. */
  readonly upstreamKeys?: Readonly<Record<string, unknown>>;
  /** Of the upstream. */
  readonly push?: 'gate' | 'record';
  readonly private?: boolean;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const dir = temporaryDirectory();
  if (options.feeds !== null) await importFeeds(dir, options.feeds ?? feeds);
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, options.credentials?.password ?? '');
  const upstream = await startUpstream(options);
  const settings: PratiqueOptions = {
    dir,
    upstreams: [
      {
        name: 'corp',
        url: upstream.url,
        namespace: options.namespace ?? 'registry.corp',
        // Tests move tags, and ask at once.
        tagTtl: '0s',
        ...options.upstreamKeys,
        ...(options.push === undefined ? {} : { push: options.push }),
        ...(options.private === undefined ? {} : { private: options.private }),
        ...(options.credentials === undefined
          ? {}
          : { credentials: { username: options.credentials.username, passwordFile } }),
      },
    ],
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    config: { ...options.config },
    ...(options.turnedClock === undefined ? {} : { turnedClock: options.turnedClock }),
    ...(options.ports === undefined ? {} : { ports: options.ports }),
  };
  const stage: Stage = {
    upstream,
    dir,
    pratique: await started(settings, upstream),
    get: (path, asking) => ask(stage.pratique.registry, `/v2/corp/${path}`, asking),
    head: (path, asking) => ask(stage.pratique.registry, `/v2/corp/${path}`, { ...asking, method: 'HEAD' }),
    pull: (repository, reference) => pull(stage, repository, reference),
    restart: async (signal, changes) => {
      await stage.pratique.stop(signal);
      stage.pratique = await complete({ ...settings, ...changes, ports: stage.pratique.ports });
    },
    close: async () => {
      await stage.pratique.stop();
      await upstream.close();
    },
  };
  return stage;
}

/** Milliseconds until all parts count as not coming up: the machine may be busy. */
const patience = 120_000;

/** Up with all its parts: the webhook comes last. */
async function complete(settings: PratiqueOptions): Promise<RunningPratique> {
  const pratique = await startPratique(settings);
  const deadline = Date.now() + patience;
  while (!pratique.log().includes('pratique is listening')) {
    if (Date.now() > deadline) {
      await pratique.stop('SIGKILL');
      throw new Error(`pratique serve did not come up with all its parts:\n${pratique.log()}`);
    }
    await sleep(20);
  }
  return pratique;
}

/** Nothing may stay open where the program does not come up. */
async function started(settings: PratiqueOptions, upstream: Upstream): Promise<RunningPratique> {
  try {
    return await complete(settings);
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

interface Named {
  readonly digest: string;
}

async function pull(stage: Stage, repository: string, reference: string): Promise<Answer> {
  const manifest = await stage.get(`${repository}/manifests/${reference}`);
  if (manifest.status !== 200) return manifest;
  const { config, layers, manifests } = JSON.parse(manifest.body.toString()) as {
    config?: Named;
    layers?: Named[];
    manifests?: Named[];
  };
  let last = manifest;
  for (const child of manifests ?? []) {
    last = await pull(stage, repository, child.digest);
    if (last.status !== 200) return last;
  }
  for (const blob of [...(config === undefined ? [] : [config]), ...(layers ?? [])]) {
    last = await stage.get(`${repository}/blobs/${blob.digest}`);
    if (last.status !== 200) return last;
  }
  return last;
}

/** An AdmissionReview for the creation of a Deployment with these images. */
export function reviewOf(...images: string[]): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      namespace: 'default',
      name: 'web',
      operation: 'CREATE',
      object: {
        spec: {
          template: {
            spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) },
          },
        },
      },
    },
  };
}

export interface Reviewed {
  readonly allowed: boolean;
  readonly message: string;
}

export async function admit(stage: Stage, ...images: string[]): Promise<Reviewed> {
  const { status, body } = await stage.pratique.review(reviewOf(...images));
  if (status !== 200) throw new Error(`the webhook answered ${status}: ${JSON.stringify(body)}`);
  const { response } = body as { response: { allowed: boolean; status?: { message: string } } };
  return { allowed: response.allowed, message: response.status?.message ?? '' };
}

/** Config and layers of an image, or of all images of an index. */
export function blobsIn(built: Built): readonly string[] {
  return [...built.blobs.keys()];
}
