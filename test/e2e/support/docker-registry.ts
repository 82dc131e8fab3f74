import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { type Built, manifestsOf } from '../../support/images.ts';
import { startProgram } from './background.ts';

export interface DockerRegistry {
  readonly url: string;
  readonly host: string;
  push(repository: string, tag: string, built: Built): Promise<void>;
  stop(): Promise<void>;
}

/** The registry's `auth: token`, and what its own pushes are made with. */
export interface RegistryTokens {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM file of whoever signs tokens. */
  readonly rootcertbundle: string;
  /** The `Authorization` for a push to any repository. */
  readonly push: (repository: string) => Promise<string>;
}

/** Debian's docker-registry (distribution) on a free loopback port; with `remote`, as its pull-through cache; `program` is another of its kind. */
export async function startDockerRegistry(
  dir: string,
  remote: string | null = null,
  tokens: RegistryTokens | null = null,
  program = 'docker-registry',
): Promise<DockerRegistry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}`;
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'config.yml');
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(dir, 'data') } },
      http: { addr: host },
      ...(remote === null ? {} : { proxy: { remoteurl: remote } }),
      ...(tokens === null ? {} : { auth: { token: settingsOf(tokens) } }),
    }),
  );
  const running = await startProgram(program, ['serve', config], async () => {
    try {
      const { status } = await fetch(`${url}/v2/`);
      return status === (tokens === null ? 200 : 401);
    } catch {
      return false;
    }
  });
  return {
    url,
    host,
    push: async (repository, tag, built) => {
      const headers = tokens === null ? {} : { Authorization: await tokens.push(repository) };
      await push(`${url}/v2/${repository}`, tag, built, headers);
    },
    stop: () => running.stop(),
  };
}

function settingsOf({ realm, service, issuer, rootcertbundle }: RegistryTokens): object {
  return { realm, service, issuer, rootcertbundle };
}

async function push(
  base: string,
  tag: string,
  built: Built,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [digest, bytes] of built.blobs) {
    const opened = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers });
    const location = new URL(opened.headers.get('location') ?? '', base);
    location.searchParams.set('digest', digest);
    await expectOk(await fetch(location, { method: 'PUT', headers, body: Uint8Array.from(bytes) }), digest);
  }
  const manifests = manifestsOf(built);
  for (const manifest of [...manifests].reverse()) {
    const name = manifest.digest === built.manifest.digest ? tag : manifest.digest;
    const put = await fetch(`${base}/manifests/${name}`, {
      method: 'PUT',
      headers: { ...headers, 'Content-Type': manifest.mediaType },
      body: Uint8Array.from(manifest.bytes),
    });
    await expectOk(put, name);
  }
}

async function expectOk(response: Response, what: string): Promise<void> {
  if (!response.ok) throw new Error(`pushing ${what}: ${response.status} ${await response.text()}`);
}
