import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { type FakeHarbor, fakeAdapter, startFakeHarbor } from '../support/fake-harbor.ts';
import { fakeProject } from '../support/fake-harbor-state.ts';
import { temporaryDirectory } from '../support/temp.ts';

/** The built program, as an administrator starts it. */
const cli = fileURLToPath(new URL('../../dist/app/cli.js', import.meta.url));
const dir = temporaryDirectory();
const adapterUrl = 'https://pratique.corp.example:5090';

async function pratique(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
    cwd: dir,
    reject: false,
    timeout: 30_000,
    env: { ADAPTER_TOKEN: 't0ken' },
  });
  return { code: exitCode, output: stdout, errors: stderr };
}

let harbor: FakeHarbor;
let to: readonly string[];
beforeAll(async () => {
  harbor = await startFakeHarbor();
  harbor.state.adapters.set(adapterUrl, { ...fakeAdapter(), auth: 'Bearer', credential: 't0ken' });
  harbor.state.projects = [fakeProject('team')];
  writeFileSync(join(dir, 'password'), `${harbor.state.password}\n`);
  writeFileSync(
    join(dir, 'policy.yaml'),
    `version: 1
name: production
rules: []
exceptions:
  - { advisory: CVE-2099-1, reason: not called, author: ann@example.org, expires: 2099-06-30 }
`,
  );
  to = ['--url', harbor.url, '--password-file', 'password'];
});
afterAll(() => harbor.close());

describe('an administrator with the built program', () => {
  it('registers, looks for mistakes and offers the exceptions', async () => {
    const register = ['harbor', 'register', ...to, '--adapter-url', adapterUrl];
    const secret = ['--adapter-auth', 'bearer', '--adapter-secret-env', 'ADAPTER_TOKEN'];
    const refused = await pratique(...register);
    expect([refused.code, refused.errors]).toEqual([
      2,
      expect.stringContaining('Harbor cannot use the adapter'),
    ]);
    const done = await pratique(...register, ...secret);
    expect([done.code, done.errors]).toEqual([0, '']);
    expect(done.output).toMatch(/^done +registration +registered Pratique at/m);

    const doctor = await pratique('doctor', 'harbor', ...to);
    expect([doctor.code, doctor.errors]).toEqual([0, '']);
    harbor.state.projects.push(fakeProject('shut', { auto_scan: 'false' }));
    expect((await pratique('doctor', 'harbor', ...to, '--format', 'json')).code).toBe(1);

    const allowlist = ['harbor', 'allowlist', ...to, '--policy', 'policy.yaml'];
    expect((await pratique(...allowlist)).output).toMatch(/^would write:/);
    expect(harbor.state.allowlist.items).toEqual([]);
    expect((await pratique(...allowlist, '--apply')).code).toBe(0);
    expect(harbor.state.allowlist.items).toEqual([{ cve_id: 'CVE-2099-1' }]);
  });

  it.each([
    [['harbor', '--help'], 0, /register[\s\S]*allowlist/],
    [
      ['harbor', 'register', '--help'],
      0,
      /--adapter-secret-file[\s\S]*--no-default[\s\S]*never from the command line[\s\S]*Exit codes/,
    ],
    [['harbor', 'allowlist', '--help'], 0, /--replace[\s\S]*one end for all of them/],
    [['doctor'], 0, /pratique doctor harbor --url URL/],
    [['doctor', 'harbor', '--help'], 0, /1 a mistake that breaks scans or gates/],
    [['harbor'], 2, /Usage: pratique harbor/],
    [['doctor', 'hrabor'], 2, /too many arguments|unknown command/],
    [['harbor', 'register', '--url', 'http://127.0.0.1:1'], 2, /required option '--adapter-url <url>'/],
    [
      ['doctor', 'harbor', '--url', 'http://127.0.0.1:1', '--password', 'x'],
      2,
      /unknown option '--password'/,
    ],
    [
      ['doctor', 'harbor', '--url', 'http://127.0.0.1:1', '--password-env', 'ADAPTER_TOKEN'],
      3,
      /nothing listens there/,
    ],
  ])('%j ends with %d', async (args, expected, told) => {
    const { code, output, errors } = await pratique(...args);
    expect(output + errors).toMatch(told);
    expect(code).toBe(expected);
  });
});
