import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig } from './load.ts';

function read(upstream: string, files: Record<string, string> = {}, env: Record<string, string> = {}) {
  const dir = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const file = join(dir, 'pratique.yaml');
  writeFileSync(file, `upstreams:\n  - { name: corp, url: "https://r.test", ${upstream} }\n`);
  return loadConfig({ file, data: null, env }).upstreams[0];
}

describe('an upstream', () => {
  it.each<[string, string, Partial<UpstreamConfig>]>([
    [
      'a password from the environment',
      'credentials: { username: u, passwordEnv: P }',
      { credentials: { username: 'u', password: 'secret' } },
    ],
    ['a token from the environment', 'credentials: { tokenEnv: P }', { credentials: { bearer: 'secret' } }],
    [
      'a file of docker, by the namespace',
      'namespace: docker.io, credentials: { dockerConfig: config.json }',
      {
        credentials: {
          file: expect.stringMatching(/config\.json$/) as unknown as string,
          holds: { kind: 'docker', registry: 'docker.io' },
        },
      },
    ],
    [
      'a client certificate',
      'certificate: a.pem, key: a.pem',
      { clientCertificate: { cert: 'PEM', key: 'PEM' } },
    ],
    ['limits', 'limits: { concurrency: 3, leastPace: 5 }', { limits: { concurrency: 3 }, leastPace: 5 }],
    ['timeouts', 'timeouts: { connect: 5s, blob: 2m }', { timeouts: { connect: 5000, blob: 120_000 } }],
    [
      'platforms',
      'platforms: [linux/arm/v7]',
      { platforms: [{ os: 'linux', architecture: 'arm', variant: 'v7' }] },
    ],
    [
      'a proxy of its own',
      'proxy: "http://p:3128"',
      { proxies: { http: 'http://p:3128', https: 'http://p:3128', except: [], loopback: true } },
    ],
    ['no proxy', 'proxy: "off"', { proxies: { http: null, https: null, except: [], loopback: false } }],
    [
      'that of the environment',
      'push: "off"',
      { proxies: { http: null, https: 'http://env:1', except: ['x.test'], loopback: false } },
    ],
    [
      'mirrors, without its credentials',
      'credentials: { tokenEnv: P }, mirrors: [{ url: "https://m.test", tags: true }, { url: "https://n.test" }]',
      {
        mirrors: [
          expect.objectContaining({ url: 'https://m.test', tags: true, credentials: null }) as never,
          expect.objectContaining({ url: 'https://n.test', tags: false }) as never,
        ],
      },
    ],
  ])('has %s', (_what, keys, expected) => {
    const auths = { 'https://index.docker.io/v1/': { auth: Buffer.from('u:p').toString('base64') } };
    const files = { 'config.json': JSON.stringify({ auths }), 'a.pem': 'PEM' };
    const env = { P: 'secret', HTTPS_PROXY: 'http://env:1', NO_PROXY: 'x.test' };
    expect(read(keys, files, env)).toMatchObject(expected);
  });

  it.each([
    [
      'credentials: { dockerConfig: c }',
      /upstream corp: the credentials in .*c cannot be used: .*"ecr-login"/,
    ],
    ['credentials: { file: c }', /has to be USER:PASSWORD/],
    ['credentials: { tokenFile: nothing }', /nothing cannot be used: .*ENOENT/],
    ['credentials: { tokenEnv: NONE }', /the environment variable NONE is not set/],
    ['mirrors: [{ url: "https://r.test" }]', /upstream corp mirrors: found https:\/\/r.test twice/],
  ])('is refused: %s', (keys, message) => {
    const c = JSON.stringify({ credHelpers: { 'r.test': 'ecr-login' } }).replace(/:/g, ': ');
    const files = { c: keys.includes('file:') ? 'hidden' : c };
    expect(() => read(keys, files)).toThrow(message);
    expect(() => read(keys, files)).not.toThrow(/hidden/);
  });

  it('a proxy of the environment that is none is named', () => {
    expect(() => read('push: "off"', {}, { HTTPS_PROXY: 'ftp://x' })).toThrow(/HTTPS_PROXY is not an http/);
  });
});
