import type { Digest } from '../core/digest.ts';
import { parseDigest } from '../core/digest.ts';
import type { Inventory } from '../core/inventory.ts';
import { buildInventory } from './inventory.ts';
import { analyseLayer } from './layer.ts';
import { defaultLayerLimits } from './limits.ts';

/** An archive's entry, as tests write it. */
export interface Sample {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly link?: string;
  readonly type?: SampleType;
  readonly mode?: number;
  readonly patchHeader?: (header: Buffer) => void;
  readonly keepChecksum?: boolean;
  readonly raw?: Uint8Array;
}

export type SampleType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo';

export type Layer = readonly Sample[];

/** The digest under which `inventoryOf` lays down the layer of this index. */
export function digestOf(index: number): Digest {
  const digest = parseDigest(`sha256:${String(index).padStart(64, '0')}`);
  if (digest === null) throw new Error('a digest of digits did not parse');
  return digest;
}

/** The inventory of an image of these tar archives, the lowest layer first; analyses go through JSON, as stored. */
export async function inventoryOf(archives: readonly Uint8Array[]): Promise<Inventory> {
  const layers = [];
  for (const [index, archive] of archives.entries()) {
    const analysis = await analyseLayer(once(archive), { limits: defaultLayerLimits });
    layers.push({
      digest: digestOf(index),
      analysis: JSON.parse(JSON.stringify(analysis)) as typeof analysis,
    });
  }
  return buildInventory({ layers, config: null, unfit: [] });
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

/** `name version` of every package. */
export const names = ({ packages }: Inventory): string[] =>
  packages.map(({ name, version }) => `${name} ${version}`);
export const whys = ({ incomplete }: Inventory): string =>
  incomplete.map(({ what, why }) => `${what}: ${why}`).join('; ');

export const file = (path: string, content = ''): Sample => ({ path, content });
export const link = (path: string, to: string): Sample => ({ path, link: to });
export const hard = (path: string, to: string): Sample => ({ path, link: to, type: 'hardlink' });
export const folder = (path: string): Sample => ({ path: `${path}/` });
export const whiteout = (path: string): Sample => file(path.replace(/[^/]*$/, '.wh.$&'));
export const opaque = (path: string): Sample => file(`${path}/.wh..wh..opq`);
export const json = (name: string, version: string): string => JSON.stringify({ name, version });
/** A package.json in any folder. */
export const at = (path: string, name: string, version = '1.0.0'): Sample =>
  file(`${path}/package.json`, json(name, version));
export const npm = (name: string, version = '1.0.0'): Sample => at(`app/node_modules/${name}`, name, version);
export const dpkg = (name: string, version = '1'): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n`;
export const apk = (name: string, version = '1-r0'): string => `P:${name}\nV:${version}\nA:x86_64\n\n`;
