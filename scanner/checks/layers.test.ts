import { describe, expect, it } from '@jest/globals';
import type { Check } from '../../core/check.ts';
import type { ImageConfig } from '../../core/image.ts';
import { debianRoot, writeTar } from '../../test/support/images.ts';
import { buildInventory } from '../inventory.ts';
import { analyseLayer } from '../layer.ts';
import { defaultLayerLimits } from '../limits.ts';
import { digestOf, file, type Layer, link, once, type Sample, whiteout } from '../samples.ts';
import { awsSecret, githubToken, jwtOf, pem } from '../secrets/samples.ts';

async function checksOf(
  layers: readonly Layer[],
  config: Partial<ImageConfig> | null = null,
  secretFileBytes = defaultLayerLimits.secretFileBytes,
): Promise<readonly Check[]> {
  const analysed = [];
  for (const [index, layer] of layers.entries()) {
    const limits = { ...defaultLayerLimits, secretFileBytes };
    const analysis = await analyseLayer(once(writeTar(layer)), { limits });
    analysed.push({
      digest: digestOf(index),
      analysis: JSON.parse(JSON.stringify(analysis)) as typeof analysis,
    });
  }
  const whole: ImageConfig = {
    ...{
      platform: { os: 'linux', architecture: 'amd64', variant: null },
      created: null,
      user: '1',
      labels: {},
    },
    ...{ exposedPorts: [], healthcheck: true, env: [], history: [], diffIds: [] },
    ...config,
  };
  return buildInventory({ layers: analysed, config: config === null ? null : whole, unfit: [] }).checks;
}
const short = (checks: readonly Check[]): string[] =>
  checks.map(({ id, path, line, layer, rule }) =>
    [id, rule, path, line, layer === undefined ? '' : Number(layer.slice(7))].join(' '),
  );
const mode = (path: string, bits: number, content = '#!/bin/sh'): Sample => ({ path, content, mode: bits });
const debian = (...files: string[]): Layer =>
  debianRoot({ release: '12', packages: [{ name: 'x', version: '1', files }] });

describe('secrets in layers', () => {
  it('are found where they are, be they deleted later', async () => {
    const secret = file('root/.env', `A=1\nTOKEN=${githubToken()}\n`);
    expect(short(await checksOf([[file('a')], [secret], [whiteout('root/.env')]]))).toEqual([
      'secret-in-file github-token root/.env 2 1',
    ]);
  });

  it.each<[string, Sample, boolean]>([
    [
      'in a file that a cataloger reads',
      file('app/package.json', JSON.stringify({ name: githubToken() })),
      true,
    ],
    ['behind much text', file('a', `${'x\n'.repeat(300_000)}${githubToken()}`), true],
    ['in a program', file('a', `\u007fELF\0\0\0\0${githubToken()}`), false],
    [
      'in a file that is larger than is searched',
      file('a', `${' '.repeat(1024 ** 2)}${githubToken()}`),
      false,
    ],
    ['in the documentation of a package', file('usr/share/doc/x/example', githubToken()), false],
  ])('%s', async (_, sample, found) => {
    expect((await checksOf([[sample]])).map(({ id }) => id)).toEqual(found ? ['secret-in-file'] : []);
  });

  it('are not looked for where nobody wants to know', async () => {
    expect(await checksOf([[file('a', githubToken())]], null, 0)).toEqual([]);
  });

  it('never show: neither in what a layer tells nor in what an inventory says', async () => {
    const secrets = [
      githubToken(),
      awsSecret(),
      jwtOf(),
      'correct-horse-battery',
      ...pem('RSA').split('\n').slice(1, -2),
    ];
    const text = `AKIA${'ABCDEFGHIJKLMNOP'} ${secrets[1]}\n${secrets[0]}\n${secrets[2]}\n${pem('RSA')}`;
    const limits = defaultLayerLimits;
    const analysis = await analyseLayer(once(writeTar([file('a', text), file('etc/passwd', text)])), {
      limits,
    });
    const env = [`A=${text}`, `DB_PASSWORD=${secrets[3]}`, text];
    const history = [
      `RUN |1 A=${secrets[0]} ${text}`,
      `ADD https://u:${secrets[3]}@host.example/?k=${secrets[0]} /`,
    ];
    const checks = await checksOf([[file('a', text)]], { env, history });
    expect(checks.length).toBeGreaterThan(6);
    const told = JSON.stringify([analysis, checks]);
    for (const secret of secrets) expect(told).not.toContain(secret.slice(0, 12));
  });
});

describe('modes in layers', () => {
  it.each<[string, Layer[], string[]]>([
    ['a setuid program', [[mode('opt/su', 0o4755)]], ['setuid-file setuid opt/su  0']],
    ['a setgid program', [[mode('opt/su', 0o2755)]], ['setuid-file setgid opt/su  0']],
    ['what nobody may run', [[mode('opt/su', 0o4644)]], []],
    ['a setgid folder', [[{ path: 'opt/x/', mode: 0o2777 | 0o1000 }]], []],
    ['one of the distribution', [[...debian('usr/bin/su'), mode('usr/bin/su', 0o4755)]], []],
    [
      'one of the distribution that a later layer made so',
      [[...debian('usr/bin/su'), mode('usr/bin/su', 0o755)], [mode('usr/bin/su', 0o4755)]],
      ['setuid-file setuid usr/bin/su  1'],
    ],
    [
      'a shell of the distribution, in its own layer',
      [[...debian('usr/bin/dash'), mode('usr/bin/dash', 0o4755)]],
      ['setuid-file setuid usr/bin/dash  0'],
    ],
    ['one that is taken away', [[mode('opt/su', 0o4755)], [whiteout('opt')]], []],
    ['one whose bit is taken away', [[mode('opt/su', 0o4755)], [mode('opt/su', 0o755)]], []],
    ['one whose bit is taken away in its layer', [[mode('opt/su', 0o4755), mode('opt/su', 0o755)]], []],
    ['one that a link replaces', [[mode('opt/su', 0o4755)], [link('opt/su', '/bin/true')]], []],
    [
      'a program in the PATH that all may write to',
      [[mode('usr/bin/x', 0o777)]],
      ['world-writable-in-path  usr/bin/x  0'],
    ],
    [
      'below a link',
      [[link('bin', 'usr/bin')], [mode('usr/bin/x', 0o757)]],
      ['world-writable-in-path  usr/bin/x  1'],
    ],
    ['one elsewhere', [[mode('opt/x', 0o777)]], []],
    ['a folder of the PATH', [[{ path: 'usr/bin/', mode: 0o777 }]], ['world-writable-in-path  usr/bin  0']],
    ['with the sticky bit', [[{ path: 'usr/bin/', mode: 0o1777 }]], []],
    ['that was mended', [[{ path: 'usr/bin/', mode: 0o777 }], [{ path: 'usr/bin/', mode: 0o755 }]], []],
  ])('%s', async (_, layers, expected) => {
    expect(short(await checksOf(layers)).map((text) => text.trim())).toEqual(expected);
  });
});

describe('the user of an image', () => {
  it('is root where its own /etc/passwd says so', async () => {
    const passwd = file(
      'etc/passwd',
      'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n',
    );
    const as = async (user: string) => (await checksOf([[passwd]], { user })).map(({ id }) => id);
    expect([await as('toor'), await as('web')]).toEqual([['runs-as-root'], []]);
  });
});
