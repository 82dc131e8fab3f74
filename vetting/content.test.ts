import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { ImageManifest } from '../core/image.ts';
import { defaultScanSettings } from '../scanner/settings.ts';
import { assembleInventory, contentOf, readConfig, unfitness } from './content.ts';
import type { LayerOutcome } from './ports.ts';
import { sha256 } from './samples-images.ts';

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const cosign = 'application/vnd.dev.cosign.simplesigning.v1+json';
const helm = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const inToto = 'application/vnd.in-toto+json';
const encrypted = 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted';
const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
const [one, two] = [sha256('unpacked 1'), sha256('unpacked 2')];

const tar = (diffId: Digest): LayerOutcome => ({
  kind: 'analysed',
  analysis: { diffId, tar: true, compressedBytes: 1, uncompressedBytes: 1, events: [] },
});
const noTar: LayerOutcome = {
  kind: 'analysed',
  analysis: { diffId: sha256('{}'), tar: false, compressedBytes: 1, uncompressedBytes: 1, events: [] },
};
const unreadable: LayerOutcome = {
  kind: 'unreadable',
  error: { code: 'layer-unreadable', message: 'it ends in the middle', fields: {} },
};

function manifest(mediaTypes: readonly string[], hazards: readonly string[] = []): ImageManifest {
  return {
    kind: 'image',
    mediaType: '',
    subject: null,
    hazards,
    config: { mediaType: '', digest: sha256('config'), size: 1, platform: null },
    layers: mediaTypes.map((mediaType, index) => ({
      mediaType,
      digest: sha256(`layer ${index}`),
      size: 1,
      platform: null,
    })),
  };
}
const config = (...diffIds: Digest[]): string =>
  JSON.stringify({ rootfs: { type: 'layers', diff_ids: diffIds } });

interface Row {
  readonly what: string;
  readonly types: readonly string[];
  readonly layers: readonly LayerOutcome[];
  readonly config: string;
  readonly content: 'image' | 'artifact';
  /** Empty: fit to be judged. */
  readonly unfit: readonly RegExp[];
}

const rows: readonly Row[] = [
  {
    what: 'an image',
    types: [layerType],
    layers: [tar(one)],
    config: config(one),
    content: 'image',
    unfit: [],
  },
  {
    what: 'an image whose layer is called a signature',
    types: [cosign],
    layers: [tar(one)],
    config: config(one),
    content: 'image',
    unfit: [],
  },
  {
    what: 'an image with a signature beside its layer',
    types: [layerType, cosign],
    layers: [tar(one), noTar],
    config: config(one, sha256('{}')),
    content: 'image',
    unfit: [/is no tar archive/],
  },
  {
    what: 'an encrypted layer',
    types: [encrypted],
    layers: [noTar],
    config: config(sha256('{}')),
    content: 'image',
    unfit: [/is no tar archive/],
  },
  {
    what: 'an encrypted layer of a type that nobody knows',
    types: ['application/vnd.example+encrypted'],
    layers: [noTar],
    config: config(sha256('{}')),
    content: 'image',
    unfit: [/is no tar archive/],
  },
  {
    what: 'a Docker layer that is no archive, without a config',
    types: [foreign],
    layers: [noTar],
    config: '{}',
    content: 'image',
    unfit: [/is no tar archive/, /is no image config/],
  },
  {
    what: 'a Helm chart',
    types: [helm],
    layers: [tar(one)],
    config: '{"name":"chart"}',
    content: 'artifact',
    unfit: [],
  },
  {
    what: 'a signature, which has a config like that of an image',
    types: [cosign],
    layers: [noTar],
    config: config(sha256('{}')),
    content: 'artifact',
    unfit: [],
  },
  {
    what: 'an in-toto statement',
    types: [inToto],
    layers: [noTar],
    config: config(sha256('{}')),
    content: 'artifact',
    unfit: [],
  },
  { what: 'nothing at all', types: [], layers: [], config: '{}', content: 'artifact', unfit: [] },
  {
    what: 'something that cannot be read, whatever it says it is',
    types: [cosign],
    layers: [unreadable],
    config: '{}',
    content: 'image',
    unfit: [/cannot be read: it ends in the middle/, /is no image config/],
  },
  {
    what: 'an image without diff_ids',
    types: [layerType],
    layers: [tar(one)],
    config: '{}',
    content: 'image',
    unfit: [/it has no rootfs\.diff_ids/],
  },
  {
    what: 'fewer diff_ids than layers',
    types: [layerType, layerType],
    layers: [tar(one), tar(two)],
    config: config(one),
    content: 'image',
    unfit: [/1 diff_ids for 2 layers/],
  },
  {
    what: 'more diff_ids than layers',
    types: [layerType],
    layers: [tar(one)],
    config: config(one, two),
    content: 'image',
    unfit: [/2 diff_ids for 1 layers/],
  },
  {
    what: 'diff_ids in another order',
    types: [layerType, layerType],
    layers: [tar(one), tar(two)],
    config: config(two, one),
    content: 'image',
    unfit: [/unpacks to/, /unpacks to/],
  },
  {
    what: 'a config that is no JSON',
    types: [layerType],
    layers: [tar(one)],
    config: '{',
    content: 'image',
    unfit: [/config cannot be read: it is not JSON/],
  },
];

describe('what a manifest is, and whether it can be judged', () => {
  it.each(rows)('$what', ({ types, layers, config: text, content, unfit }) => {
    const read = readConfig(Buffer.from(text));
    const found = unfitness(manifest(types), read, layers);
    expect([contentOf(manifest(types), read.config, layers), found]).toEqual([
      content,
      unfit.map((pattern) => expect.stringMatching(pattern)),
    ]);
    expect(
      assembleInventory({ manifest: manifest(types), read, layers, settings: defaultScanSettings }),
    ).toMatchObject({
      content,
      unfit: found,
    });
  });

  it('hazards of the manifest make it unfit, whatever else it is', () => {
    const read = readConfig(Buffer.from(config(one)));
    expect(unfitness(manifest([layerType], ['it has urls']), read, [tar(one)])).toEqual(['it has urls']);
    const chart = readConfig(Buffer.from('{}'));
    expect(unfitness(manifest([helm], ['it has urls']), chart, [tar(one)])).toEqual(['it has urls']);
  });
});
