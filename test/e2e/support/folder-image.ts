import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseDigest } from '../../../core/digest.ts';
import { type BuiltImage, buildImage, linuxAmd64 } from '../../support/images.ts';
import { must } from './run.ts';

/** An image of one layer with everything that a folder holds. `scratch` takes the archive. */
export async function imageOfFolder(folder: string, scratch: string): Promise<BuiltImage> {
  const archive = join(scratch, 'layer.tar');
  await must('tar', ['--numeric-owner', '--sort=name', '-C', folder, '-cf', archive, '.']);
  return imageOfTar(readFileSync(archive));
}

/** An image whose one layer is this archive; linux/amd64 if not told otherwise. */
export function imageOfTar(tar: Buffer, platform = linuxAmd64): BuiltImage {
  const diffId = parseDigest(`sha256:${createHash('sha256').update(tar).digest('hex')}`);
  if (diffId === null) throw new Error('a computed digest did not parse');
  return buildImage({ platform, layers: [{ blob: gzipSync(tar, { level: 6 }), diffId }] });
}
