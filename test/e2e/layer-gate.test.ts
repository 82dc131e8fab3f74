import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildImage, debianRoot } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { haveAptPrograms } from './support/programs.ts';

/** The ground of ADR 0023: containerd, asked as the kubelet asks it, takes layers by what they unpack to. */

const layers = [
  { files: debianRoot({ release: '12', packages: [{ name: 'curl', version: '7.88-1' }] }) },
  { files: [{ path: 'app', content: 'the same' }] },
];
const cleared = buildImage({ layers });
/** The same content packed otherwise, run otherwise: none of its digests was ever released. */
const repacked = buildImage({
  layers: layers.map((layer) => ({ ...layer, compression: 'none' as const })),
  config: { Entrypoint: ['/bin/other'] },
});

(haveAptPrograms('containerd', 'ctr') ? describe : describe.skip)('a gate that would hold a layer', () => {
  let upstream: Upstream;
  let containerd: Containerd;
  beforeAll(async () => {
    upstream = await startUpstream({
      repositories: { 'team/cleared': { '1': cleared }, 'team/repacked': { '1': repacked } },
    });
    containerd = await startContainerd(temporaryDirectory(), 'registry.corp', upstream.url, { cri: true });
  });
  afterAll(async () => {
    await containerd.stop();
    await upstream.close();
  });

  it('is never asked for one whose content the node has under another digest', async () => {
    expect(await containerd.cri.pull('registry.corp/team/cleared:1')).toMatchObject({ code: 0 });
    expect(repacked.layers.map(({ digest }) => digest)).not.toEqual(
      cleared.layers.map(({ digest }) => digest),
    );
    // What never comes cannot be waited for: nothing of its layers can be had.
    for (const { digest } of repacked.layers) {
      upstream.fault(`/v2/team/repacked/blobs/${digest}`, { status: 403 });
    }
    expect(await containerd.cri.pull('registry.corp/team/repacked:1')).toMatchObject({ code: 0 });
    for (const { digest } of repacked.layers)
      expect(upstream.count(`/v2/team/repacked/blobs/${digest}`)).toBe(0);
    expect(upstream.count(`/v2/team/repacked/blobs/${repacked.config.digest}`)).toBe(1);
    expect(await containerd.holds('registry.corp/team/repacked:1', 'kubelet')).toBe(true);
  });
});
