import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex } from '../../../core/digest.ts';
import { type BuiltImage, buildImage, debianRoot, type TarEntry } from '../../../test/support/images.ts';

/** An image on disk, as the shaped upstream serves it. */
export interface LayeredImage {
  readonly dir: string;
  readonly manifest: BuiltImage['manifest'];
  readonly config: string;
  readonly layers: readonly string[];
  /** Bytes of all blobs. */
  readonly bytes: number;
  /** The layers' files. */
  readonly files: readonly string[];
}

/**
 * An image whose layers are about `layerBytes` long when they are packed: of each, half are programs and pictures, which no
 * compression makes smaller, and half is text that it makes five times smaller. The first holds a Debian.
 */
export function layeredImage(dir: string, layers: number, layerBytes: number): LayeredImage {
  mkdirSync(dir, { recursive: true });
  const files: string[] = [];
  const built = buildImage({
    layers: Array.from({ length: layers }, (_, nth) => ({
      files: [
        ...(nth === 0
          ? debianRoot({ release: '12', packages: [{ name: 'base-files', version: '12.4+deb12u5' }] })
          : []),
        ...content(nth, layerBytes),
      ],
    })),
  });
  let bytes = 0;
  for (const [digest, blob] of built.blobs) {
    const file = join(dir, digestHex(digest));
    writeFileSync(file, blob);
    if (digest !== built.config.digest) files.push(file);
    bytes += blob.length;
  }
  writeFileSync(join(dir, 'manifest.json'), built.manifest.bytes);
  writeFileSync(join(dir, 'digest.json'), JSON.stringify({ digest: built.manifest.digest }));
  return {
    dir,
    manifest: built.manifest,
    config: built.config.digest,
    layers: built.layers.map(({ digest }) => digest),
    bytes,
    files,
  };
}

const fileSize = 1024 * 1024;

function content(nth: number, layerBytes: number): TarEntry[] {
  const entries: TarEntry[] = [];
  const count = Math.max(1, Math.round(layerBytes / 2 / fileSize));
  for (let file = 0; file < count; file += 1) {
    entries.push({ path: `srv/${nth}/noise-${file}`, content: randomBytes(fileSize) });
    for (let text = 0; text < 5; text += 1) {
      entries.push({ path: `srv/${nth}/text-${file}-${text}`, content: textOf(fileSize) });
    }
  }
  return entries;
}

/** Hexadecimal digits of a few random bytes, each word several times: about a fifth when packed. */
function textOf(bytes: number): Buffer {
  const text = Buffer.alloc(bytes);
  const words = randomBytes(Math.ceil(bytes / 20)).toString('hex');
  for (let at = 0, word = 0; at < bytes; at += 20, word = (word + 2) % (words.length - 2)) {
    text.write(`const value${words.slice(word, word + 2)} = 1;\n`.padEnd(20), at, 20, 'latin1');
  }
  return text;
}
