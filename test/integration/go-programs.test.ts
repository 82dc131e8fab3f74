import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { elf, goProgram } from '../../scanner/catalogers/golang/samples.ts';
import { type BuiltImage, buildImage, debianRoot, type TarEntry } from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import { feeds, openStage, type Stage } from './stage.ts';

const cvss = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const goFeeds = {
  ...feeds,
  Go: [
    osvRecord({
      id: 'GO-2026-1001',
      ecosystem: 'Go',
      package: 'golang.org/x/net',
      fixed: '0.17.0',
      aliases: ['CVE-2026-2001'],
      cvss,
    }),
    osvRecord({
      id: 'GO-2026-1002',
      ecosystem: 'Go',
      package: 'stdlib',
      introduced: '1.22.0-0',
      fixed: '1.22.4',
      aliases: ['CVE-2026-2002'],
      cvss,
    }),
    osvRecord({ id: 'GO-2026-1003', ecosystem: 'Go', package: 'example.org/own', fixed: '1.0.0', cvss }),
  ],
};

const root = debianRoot({ release: '12', packages: [{ name: 'curl', version: '7.88-1' }] });
const image = (...layers: readonly (readonly TarEntry[])[]): BuiltImage =>
  buildImage({ layers: [root, ...layers].map((files) => ({ files: [...files] })) });
const tool = (toolchain: string, net: string): TarEntry => ({
  path: 'usr/local/bin/tool',
  content: goProgram(toolchain, 'example.org/tool@(devel)', `golang.org/x/net@${net}`),
});
const oldModule = tool('go1.22.4', 'v0.16.0');
const oldLibrary = tool('go1.22rc1 X:loopvar', 'v0.17.0');
const current = tool('go1.22.4', 'v0.17.0');

const images = {
  'old-module': image([oldModule]),
  'old-library': image([oldLibrary]),
  current: image([current]),
  replaced: image([oldModule], [current]),
  deleted: image([oldModule], [{ path: 'usr/local/bin/.wh.tool' }]),
  'another-program': image([oldModule], [{ path: 'usr/local/bin/tool', content: elf() }]),
  kept: image(
    [{ path: 'a', content: 'a' }, oldModule, { path: 'b', link: 'usr/local/bin/tool', type: 'hardlink' }],
    [{ path: 'usr/local/bin/.wh.tool' }],
  ),
  own: image([{ path: 'own', content: goProgram('go1.22.4', 'example.org/own@(devel)') }]),
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ feeds: goFeeds, repositories: { 'team/go': images } });
});
afterAll(() => stage.close());

describe('an image with a Go program', () => {
  it.each<readonly [keyof typeof images, RegExp]>([
    [
      'old-module',
      /(?:GO-2026-1001|CVE-2026-2001) critical in golang.org\/x\/net v0.16.0 \(fixed in 0.17.0\)/,
    ],
    ['old-library', /(?:GO-2026-1002|CVE-2026-2002) critical in stdlib 1.22.0-rc.1 \(fixed in 1.22.4\)/],
    ['kept', /critical in golang.org\/x\/net v0.16.0/],
    ['own', /GO-2026-1003 critical in example.org\/own \(devel\)/],
  ])('%s is refused, by id and fix', async (tag, why) => {
    const answer = await stage.pull('team/go', tag);
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toMatch(why);
  });

  it.each<keyof typeof images>(['current', 'replaced', 'deleted', 'another-program'])(
    '%s is served',
    async (tag) => {
      const answer = await stage.pull('team/go', tag);
      expect([answer.status, answer.status === 200 ? '' : answer.body.toString()]).toEqual([200, '']);
    },
  );
});
