import { randomBytes } from 'node:crypto';
import { type BuiltImage, buildImage, debianRoot } from '../../test/support/images.ts';

/** Bytes of the second layer's content, if not told otherwise. */
const usual = 128 * 1024 ** 2;

const packages = [{ name: 'base-files', version: '12.4+deb12u5' }];

/** A Debian with one package, and a second layer of so many bytes that no compression makes smaller. */
export function bigImage(bulk = usual): BuiltImage {
  return buildImage({
    layers: [
      { files: debianRoot({ release: '12', packages }) },
      { files: [{ path: 'srv/bulk', content: randomBytes(bulk) }], compression: 'none' },
    ],
  });
}
