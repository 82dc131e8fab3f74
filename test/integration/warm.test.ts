import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { buildIndex, linuxAmd64, linuxArm64 } from '../support/images.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { bad, clean, debian, openStage, type Stage } from './stage.ts';

const amd64 = debian('curl', '7.88-1', 'amd', { platform: linuxAmd64 });
const both = buildIndex([amd64, debian('curl', '7.88-1', 'arm', { platform: linuxArm64 })]);
const half = buildIndex([amd64, debian('openssl', '3.0.1-1', 'arm', { platform: linuxArm64 })]);
const slow = debian('curl', '7.88-1', 'slow');

interface Said {
  readonly images: readonly {
    readonly image: string;
    readonly digest: string | null;
    readonly status: string;
    readonly platforms: readonly {
      readonly platform: string | null;
      readonly status: string;
      readonly reason: string | null;
      readonly blobs: number;
    }[];
  }[];
}

let stage: Stage;
const dir = temporaryDirectory();
const users = writeUsers(dir, ['ann']);
const passwordFile = join(dir, 'password');
beforeAll(async () => {
  writeFileSync(passwordFile, 'pw-ann\n');
  stage = await openStage({
    repositories: {
      clean: { latest: clean },
      bad: { latest: bad },
      both: { '1': both },
      half: { '1': half },
      slow: { latest: slow },
    },
    config: { gate: { hold: '1s' }, auth: { users, anonymousPull: false } },
  });
});
afterAll(() => stage.close());

const warm = (...args: string[]) =>
  runCli([
    'warm',
    ...args,
    ...['--config', join(stage.dir, 'pratique.yaml'), '--user', 'ann', '--password-file', passwordFile],
  ]);
const headers = { Authorization: `Basic ${Buffer.from('ann:pw-ann').toString('base64')}` };

describe('images that are asked for before anyone else does', () => {
  it('are pulled from the store afterwards, with all platforms', async () => {
    const { code, out, err } = await warm('corp/clean', 'registry.corp/both:1', '--format', 'json');
    expect([code, err]).toEqual([0, '']);
    const { images } = JSON.parse(out) as Said;
    expect(images).toMatchObject([
      { image: 'registry.corp/clean:latest', digest: clean.manifest.digest, status: 'allowed' },
      {
        image: 'registry.corp/both:1',
        digest: both.manifest.digest,
        status: 'allowed',
        platforms: [
          { platform: 'linux/amd64', status: 'allowed', blobs: 2 },
          { platform: 'linux/arm64', status: 'allowed', blobs: 2 },
        ],
      },
    ]);
    const away = stage.upstream.fault(/./, { reset: true });
    for (const { digest } of [clean.manifest, both.manifest, ...both.children.map((one) => one.manifest)]) {
      const repository = digest === clean.manifest.digest ? 'clean' : 'both';
      const answer = await stage.get(`${repository}/manifests/${digest}`, { headers });
      expect([digest, answer.status]).toEqual([digest, 200]);
    }
    for (const [repository, built] of [
      ['clean', clean],
      ['both', both],
    ] as const) {
      for (const digest of built.blobs.keys()) {
        const answer = await stage.get(`${repository}/blobs/${digest}`, { headers });
        expect([digest, answer.status]).toEqual([digest, 200]);
      }
    }
    away();
  });

  it('end with 1 and the reason where one is refused, which stands first', async () => {
    const { code, out } = await warm('corp/clean', 'corp/bad');
    expect(code).toBe(1);
    const [, first = '', second = ''] = out.split('\n');
    expect(first).toMatch(/^refused +registry.corp\/bad:latest .*CVE-2026-1001/);
    expect(second).toMatch(/^allowed +registry.corp\/clean:latest +- +3 blobs/);
  });

  it('tell of a platform that is refused though its index is served', async () => {
    const { code, out } = await warm('corp/half:1', '--format', 'json');
    expect(code).toBe(1);
    expect((JSON.parse(out) as Said).images[0]?.platforms).toMatchObject([
      { platform: 'linux/amd64', status: 'allowed', reason: null },
      {
        platform: 'linux/arm64',
        status: 'refused',
        reason: expect.stringMatching(/^(?!Blocked).*CVE-2026-1001/),
      },
    ]);
    expect((await warm('corp/half:1', '--platform', 'linux/amd64')).code).toBe(0);
  });

  it('are waited for as long as is said, and no longer', async () => {
    const layer = slow.layers[0]?.digest ?? '';
    const release = stage.upstream.fault(`/v2/slow/blobs/${layer}`, { delay: 12_000 });
    const began = Date.now();
    const short = await warm('corp/slow', '--wait', '3s');
    expect(Date.now() - began).toBeLessThan(11_000);
    expect(short.code).toBe(3);
    expect(short.out).toMatch(/^pending +registry.corp\/slow:latest .*not cleared yet/m);
    expect((await warm('corp/slow', '--wait', '60s')).code).toBe(0);
    release();
  }, 90_000);
});

it.each<[string, number, RegExp, () => Promise<readonly string[]> | readonly string[]]>([
  [
    'what is not there',
    3,
    /^error +registry.corp\/nothing:1 .*has nothing there|no such|unknown/m,
    () => ['corp/nothing:1'],
  ],
  [
    'a registry that nobody stands for',
    2,
    /no configured upstream stands for ghcr.io/,
    () => ['ghcr.io/a/b'],
  ],
  ['a name that is none', 2, /is not a tag/, () => ['corp/clean:']],
  ['a time that is none', 2, /--wait: found "soon"/, () => ['corp/clean', '--wait', 'soon']],
  ['an address that is none', 2, /--registry: found "here"/, () => ['corp/clean', '--registry', 'here']],
  [
    'no server',
    3,
    /could not be reached: .*ECONNREFUSED/,
    async () => ['corp/clean', '--registry', `http://127.0.0.1:${await freePort()}`],
  ],
])('%s ends with %i', async (_, code, message, args) => {
  const ended = await warm(...(await args()));
  expect([ended.code, `${ended.out}${ended.err}`]).toEqual([code, expect.stringMatching(message)]);
});

it('who is not known is told so', async () => {
  const { code, out } = await runCli(['warm', 'corp/clean', '--config', join(stage.dir, 'pratique.yaml')]);
  expect([code, out]).toEqual([3, expect.stringMatching(/^error .*(credentials|401|log in)/m)]);
});
