import { describe, expect, it } from '@jest/globals';
import { loadConfig, parseConfig } from './load.ts';

const wrong: [string, string, RegExp][] = [
  [
    'an unknown key',
    'gaet:\n  hold: 25s\n',
    /pratique.yaml:1:1 gaet: found the unknown key "gaet", allowed .*gate.*did you mean "gate"/,
  ],
  ['a wrong type', 'listen:\n  registry: 5000\n', /2:13 listen.registry: found 5000, allowed HOST:PORT/],
  [
    'a port that cannot be',
    'listen:\n  registry: localhost:99999\n',
    /listen.registry: found "localhost:99999"/,
  ],
  ['a hold without unit', 'gate: { hold: 25 }', /gate.hold: found 25, allowed a time such as 25s or 5m/],
  [
    'a missing key',
    'upstreams:\n  - name: corp\n',
    /upstreams\[0\].url: found nothing, allowed an http:\/\/ or https:\/\/ address/,
  ],
  [
    'a url with a password',
    'upstreams:\n  - { name: corp, url: "https://u:p@x" }\n',
    /without path, query or credentials/,
  ],
  [
    'the reserved name',
    'upstreams:\n  - { name: hosted, url: "https://x" }\n',
    /any name but the reserved "hosted"/,
  ],
  ['a key twice', 'data: a\ndata: b\n', /pratique.yaml:2:1 .*unique/i],
  ['no YAML', 'listen: [', /pratique.yaml:1/],
  ['half a certificate', 'webhook: { certificate: a.pem }', /certificate and key together/],
];

describe('parseConfig', () => {
  it.each(wrong)('refuses %s and says where, what was found and what is allowed', (_name, text, message) => {
    expect(() => parseConfig(text, 'pratique.yaml')).toThrow(message);
  });
  it('takes an empty file for one without settings', () => {
    expect(parseConfig('', 'x').gate.hold).toBe('25s');
  });
});

describe('loadConfig', () => {
  it('works without a file: known registries, loopback ports, linux platforms', () => {
    const config = loadConfig({ file: null, data: null, env: {} });
    expect(config.upstreams.map(({ namespace }) => namespace)).toEqual([
      'docker.io',
      'ghcr.io',
      'quay.io',
      'registry.k8s.io',
      'gcr.io',
      'public.ecr.aws',
      'mcr.microsoft.com',
    ]);
    expect(config.listen).toEqual({
      registry: { host: '127.0.0.1', port: 5000 },
      management: { host: '127.0.0.1', port: 5080 },
      webhook: { host: '127.0.0.1', port: 8443 },
    });
    expect(config.hold).toBe(25_000);
    expect(config.dockerHold).toBe(300_000);
  });
  it('names a file that cannot be read', () => {
    expect(() => loadConfig({ file: '/nowhere/pratique.yaml', data: null, env: {} })).toThrow(
      /\/nowhere\/pratique.yaml cannot be read/,
    );
  });
});
