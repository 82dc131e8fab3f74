import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const config = join(dir, 'pratique.yaml');
const ca = join(dir, 'ca.crt');
writeFileSync(ca, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
const names = 'publicNames: [pratique.corp:5000]\n';
const tls = 'listen: { registryTls: { certificate: ./tls.crt, key: ./tls.key } }\n';

async function nodeConfig(text: string, ...argv: string[]) {
  writeFileSync(config, text);
  const console = recordConsole();
  const code = await runCommandLine(['node-config', 'containerd', '--config', config, ...argv], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return {
    code,
    server: /^server = "(.*)"$/m.exec(console.output())?.[1] ?? null,
    errors: console.errors(),
  };
}

describe('where nodes are sent', () => {
  it.each<[string, string, string[], string, RegExp]>([
    ['plain HTTP', names, [], 'http://pratique.corp:5000', /^$/],
    ['TLS, as the registry port speaks it', names + tls, [], 'https://pratique.corp:5000', /^$/],
    ['TLS, where an authority is given', names, ['--ca', ca], 'https://pratique.corp:5000', /^$/],
    ['a host alone', names + tls, ['--proxy', 'p.corp'], 'https://p.corp', /^$/],
    ['an address as it is', names, ['--proxy', 'https://p.corp'], 'https://p.corp', /^$/],
    ['the listener', tls, [], 'https://127.0.0.1:5000', /^note: .* from this machine alone/],
    ['HTTP to a port with TLS', tls, ['--proxy', 'http://p.corp'], 'http://p.corp', /^note: .*registryTls/],
  ])('%s', async (_, text, argv, server, errors) => {
    expect(await nodeConfig(text, ...argv)).toEqual({
      code: 0,
      server,
      errors: expect.stringMatching(errors),
    });
  });
  it('an authority and plain HTTP are refused', async () => {
    const found = await nodeConfig(names, '--ca', ca, '--proxy', 'http://p.corp');
    expect(found).toMatchObject({ code: 2, errors: expect.stringContaining('--ca goes with') });
  });
});
