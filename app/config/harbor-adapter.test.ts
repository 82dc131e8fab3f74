import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig } from './load.ts';

function read(text: string, env: Readonly<Record<string, string>> = {}) {
  const dir = temporaryDirectory();
  const file = join(dir, 'pratique.yaml');
  for (const [name, content] of Object.entries({ secret: 's3cret\n', empty: '\n', pem: 'PEM' }))
    writeFileSync(join(dir, name), content);
  writeFileSync(file, text);
  return loadConfig({ file, data: null, env }).harborAdapter;
}

describe("the Harbor adapter's settings", () => {
  it('are none: everybody on loopback may ask, of any registry, and SBOMs are made', () => {
    expect(loadConfig({ file: null, data: null, env: {} }).harborAdapter).toEqual({
      auth: { kind: 'none' },
      tls: null,
      sbom: true,
      uncovered: 'fail',
      registryAuthorization: 'Basic',
      deadline: 3_600_000,
      concurrency: 4,
      registries: { hosts: null, ca: null, names: new Map(), realms: [] },
    });
  });

  it.each([
    ['none', { kind: 'none' }],
    [
      '{ type: basic, username: harbor, secretFile: secret }',
      { kind: 'basic', username: 'harbor', password: 's3cret' },
    ],
    ['{ type: bearer, secretEnv: TOKEN }', { kind: 'bearer', token: 'of-env' }],
    ['{ type: apiKey, secretFile: secret }', { kind: 'api-key', key: 's3cret' }],
  ])('auth: %s', (auth, expected) => {
    const listen = 'listen: { harborAdapter: "0.0.0.0:5090" }';
    const text = `${listen}\nharborAdapter: { registries: [harbor.corp], auth: ${auth} }\n`;
    expect(read(text, { TOKEN: 'of-env' }).auth).toEqual(expected);
  });

  it('may say all there is to say', () => {
    const text = `
harborAdapter:
  tls: { certificate: pem, key: pem }
  sbom: false
  uncovered: report
  registryAuthorization: bearer
  deadline: 30m
  concurrency: 8
  registries: [harbor.corp, "core:8080"]
  ca: pem
  names: { "core:8080": harbor.corp }
  realms: [auth.corp]
`;
    expect(read(text)).toMatchObject({
      tls: { certificate: 'PEM', key: 'PEM' },
      sbom: false,
      uncovered: 'report',
      registryAuthorization: 'Bearer',
      deadline: 1_800_000,
      concurrency: 8,
      registries: {
        hosts: ['harbor.corp', 'core:8080'],
        ca: 'PEM',
        names: new Map([['core:8080', 'harbor.corp']]),
        realms: ['auth.corp'],
      },
    });
  });

  const open = 'listen: { harborAdapter: "0.0.0.0:5090" }\n';
  it.each([
    ['an unknown key', 'harborAdapter: { sbmo: true }', /unknown key "sbmo".*did you mean "sbom"/],
    [
      'a login of an unknown type',
      'harborAdapter: { auth: { type: digest } }',
      /harborAdapter.auth: .*basic/,
    ],
    [
      'two secrets',
      'harborAdapter: { auth: { type: bearer, secretEnv: A, secretFile: b } }',
      /exactly one of/,
    ],
    ['no secret', 'harborAdapter: { auth: { type: apiKey } }', /exactly one of/],
    [
      'a secret that is empty',
      'harborAdapter: { auth: { type: apiKey, secretFile: empty } }',
      /has no secret/,
    ],
    [
      'a secret that is not set',
      'harborAdapter: { auth: { type: apiKey, secretEnv: NOT } }',
      /NOT is not set/,
    ],
    ['a registry with a scheme', 'harborAdapter: { registries: ["https://x"] }', /registries\[0\]/],
    ['no registry at all', 'harborAdapter: { registries: [] }', /at least one host/],
    ['a deadline without unit', 'harborAdapter: { deadline: 30 }', /a time such as 30m/],
    ['no scans at all', 'harborAdapter: { concurrency: 0 }', /from 1 to 64/],
    ['half a certificate', 'harborAdapter: { tls: { key: pem } }', /tls.certificate/],
    [
      'an address that others reach, and no login',
      `${open}harborAdapter: { registries: [harbor.corp] }`,
      /pratique.yaml harborAdapter.auth: found nothing, .*"none"/,
    ],
    [
      'an address that others reach, and any registry',
      `${open}harborAdapter: { auth: none }`,
      /harborAdapter.registries: found nothing/,
    ],
  ])('refuse %s', (_what, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
