import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startProgram } from '../../../test/e2e/support/background.ts';
import { startDockerRegistry } from '../../../test/e2e/support/docker-registry.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { osvRecord } from '../../../test/support/osv.ts';
import { importFeeds, type RunningPratique, startPratique } from '../../../test/support/pratique.ts';
import type { Scratch } from '../scratch.ts';

/** Everything is inspected, matched and judged, and what is built here is let through. */
const enforced = `
version: 1
name: bench
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;
const ungated = `
version: 1
name: bench
bindings:
  - { id: everything, policy: baseline, mode: "off" }
`;

/** A Pratique of its own folder in front of `upstream`, whose name is `corp`. */
export async function startGate(
  dir: string,
  upstream: string,
  options: {
    readonly gate?: 'manifest' | 'off';
    readonly tagTtl?: string;
    /** Further settings of the configuration file. */
    readonly config?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<RunningPratique> {
  mkdirSync(dir, { recursive: true });
  await importFeeds(dir, {
    Debian: [osvRecord({ id: 'DEBIAN-CVE-2026-0001', ecosystem: 'Debian:12', package: 'zlib', fixed: '2' })],
  });
  const { tagTtl, config = {} } = options;
  return startPratique({
    ...{ dir, config },
    policy: options.gate === 'off' ? ungated : enforced,
    upstreams: [
      { name: 'corp', namespace: 'corp.test', url: upstream, ...(tagTtl === undefined ? {} : { tagTtl }) },
    ],
  });
}

/** distribution 2.8 and, where `PRATIQUE_DISTRIBUTION3` names its program, 3.1, each as a pull-through cache. */
export async function startCaches(
  scratch: Scratch,
  dir: string,
  upstream: string,
): Promise<readonly { readonly name: string; readonly base: string }[]> {
  const programs = [{ name: 'docker-registry', program: 'docker-registry' }];
  const third = process.env.PRATIQUE_DISTRIBUTION3;
  if (third !== undefined) programs.push({ name: 'distribution 3', program: third });
  const caches = [];
  for (const { name, program } of programs) {
    const cache = await startDockerRegistry(join(dir, name.replace(' ', '-')), upstream, null, program);
    scratch.atEnd(() => cache.stop());
    caches.push({ name, base: `${cache.url}/v2/bench` });
  }
  return caches;
}

/** nginx with sendfile in front of a folder. */
export async function startNginx(scratch: Scratch, file: string): Promise<string> {
  const dir = join(scratch.dir, 'nginx');
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const config = join(dir, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1; user root;
events { worker_connections 512; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  server { listen 127.0.0.1:${port}; root ${dirname(file)}; }
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram('nginx', ['-p', dir, '-c', config], async () => {
    try {
      await fetch(url, { method: 'HEAD' });
      return true;
    } catch {
      return false;
    }
  });
  scratch.atEnd(() => program.stop());
  return url;
}
