import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex } from '../../../core/digest.ts';
import { Corpus } from './corpus.ts';
import { digestOf, type LayerFile, writeLayer } from './layer-file.ts';
import { entriesOf, layerCount } from './layer-plans.ts';

/** An OCI image layout on disk. */
export interface Layout {
  readonly dir: string;
  /** Of all images, by tag. */
  readonly layers: Readonly<Record<string, readonly LayerFile[]>>;
}

/** Tags of the two images. They share all layers but the last. */
export const first = 'first';
export const second = 'second';
/** Layers that are packed at once. */
const atOnce = 2;

/** The large image, and one that shares all of its layers but the last; made once where the folder stays. */
export function largeLayout(dir: string, scale: number): Promise<Layout> {
  return kept(dir, `scale ${scale}`, async (blobs) => {
    const corpus = new Corpus();
    const shared = await together(
      Array.from(
        { length: layerCount },
        (_, nth) => () => writeLayer(blobs, entriesOf(nth, scale, nth + 1, corpus)),
      ),
    );
    const other = await writeLayer(blobs, entriesOf(layerCount - 1, scale, 100, corpus));
    return { [first]: shared, [second]: [...shared.slice(0, -1), other] };
  });
}

type Layers = Readonly<Record<string, readonly LayerFile[]>>;

async function kept(dir: string, what: string, make: (blobs: string) => Promise<Layers>): Promise<Layout> {
  const note = join(dir, 'made.json');
  if (existsSync(note)) {
    const made = JSON.parse(readFileSync(note, 'utf8')) as { what: string; layers: Layers };
    if (made.what === what) return { dir, layers: made.layers };
  }
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const layers = await make(blobs);
  const manifests = Object.entries(layers).map(([tag, of]) => {
    const { digest, size } = writeManifest(blobs, of);
    const annotations = { 'org.opencontainers.image.ref.name': tag };
    return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size, annotations };
  });
  writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(note, JSON.stringify({ what, layers }));
  return { dir, layers };
}

function writeManifest(blobs: string, layers: readonly LayerFile[]): { digest: string; size: number } {
  const config = put(blobs, {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-11-01T00:00:00Z',
    config: { User: '1000', Env: ['PATH=/usr/local/bin:/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  return put(blobs, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size,
    })),
  });
}

function put(blobs: string, content: object): { readonly digest: string; readonly size: number } {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = digestOf(createHash('sha256').update(bytes).digest('hex'));
  writeFileSync(join(blobs, digestHex(digest)), bytes);
  return { digest, size: bytes.length };
}

async function together<Value>(works: readonly (() => Promise<Value>)[]): Promise<Value[]> {
  const results: Value[] = [];
  const waiting = [...works.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results[next[0]] = await next[1]();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
