import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { noProxies } from '../../core/http-proxy.ts';
import { recording } from '../samples-program.ts';
import { digest, report } from './samples.ts';
import { createGrype } from './scanner.ts';

const bounds = {
  timeout: 30_000,
  folder: mkdtempSync(join(tmpdir(), 'pratique-test-')),
  env: { PATH: process.env.PATH, GRYPE_DB_CACHE_DIR: '/cache', GRYPE_ONLY_FIXED: 'true' },
  proxies: noProxies,
};
const pull = {
  registry: 'http://127.0.0.1:5001',
  repository: 'docker-io/library/app',
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  username: 'scan',
  password: 'secret-token',
};

describe("Grype's program", () => {
  it('is asked for the image at the door, with a configuration and rights of its own', async () => {
    const { command, seen } = recording(report);
    const { scanner, findings } = await createGrype({ command }, bounds).scan(pull);
    expect([scanner.name, findings.length]).toEqual(['grype', 2]);
    const told = seen();
    expect(told).toContain(
      `registry:127.0.0.1:5001/docker-io/library/app@${digest} --output json --quiet --config `,
    );
    expect(
      told
        .split('\n')
        .filter((line) => line.startsWith('GRYPE_'))
        .sort(),
    ).toEqual([
      'GRYPE_DB_CACHE_DIR=/cache',
      'GRYPE_REGISTRY_AUTH_AUTHORITY=127.0.0.1:5001',
      'GRYPE_REGISTRY_AUTH_PASSWORD=secret-token',
      'GRYPE_REGISTRY_AUTH_USERNAME=scan',
      'GRYPE_REGISTRY_INSECURE_USE_HTTP=true',
    ]);
    expect(told).toContain('check-for-app-update: false');
    expect(told.split('\n')[0]).not.toContain('secret-token');
  });
});
