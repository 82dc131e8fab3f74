import { debian, noise } from '../../integration/stage.ts';
import {
  alpineRoot,
  type Built,
  type BuiltImage,
  buildImage,
  buildIndex,
  linuxAmd64,
  linuxArm64,
} from '../../support/images.ts';
import type { Random } from '../../support/random.ts';
import type { Content } from './ground.ts';

/** An image or an index, and what is in each of its images. */
export interface Made {
  readonly built: Built;
  /** By the digest of the manifest. */
  readonly contents: ReadonlyMap<string, Content>;
  /** For people. */
  readonly text: string;
}

const versions: Readonly<Record<Exclude<Content, 'uncovered'>, readonly [string, string]>> = {
  openssl: ['openssl', '3.0.1-1'],
  zlib: ['zlib', '1.2-1'],
  curl: ['curl', '7.88-1'],
  nothing: ['bash', '5.2'],
};
/** Larger than one read or write, so that transfers have an inside. */
const bulk = noise(300_000);

/** Makes images that nobody has seen yet; some share layers with others. */
export class Images {
  #made = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  make(): Made {
    const random = this.#random;
    if (random.chance(0.8)) return this.#image(this.#content(), linuxAmd64);
    const children = [
      this.#image(this.#content(), linuxAmd64),
      this.#image(this.#content(), linuxArm64),
      ...(random.chance(0.3) ? [this.#image(this.#content(), { ...linuxArm64, os: 'freebsd' })] : []),
    ];
    const images = children
      .map(({ built }) => built)
      .filter((built): built is BuiltImage => built.kind === 'image');
    return {
      built: buildIndex(images),
      contents: new Map(children.flatMap(({ contents }) => [...contents])),
      text: `index(${children.map(({ text }) => text).join(', ')})`,
    };
  }

  #content(): Content {
    return this.#random.weighted({ openssl: 4, zlib: 2, curl: 3, nothing: 3, uncovered: 0.5 });
  }

  #image(content: Content, platform: typeof linuxAmd64): Made {
    this.#made += 1;
    const note = `image ${this.#made}`;
    const extra = this.#random.weighted({ none: 3, shared: 2, own: 1 });
    const files =
      extra === 'shared'
        ? [{ path: 'shared', content: bulk }]
        : [{ path: 'own', content: Buffer.concat([Buffer.from(note), bulk.subarray(0, 90_000)]) }];
    const layers = extra === 'none' ? [] : [{ files }];
    const built =
      content === 'uncovered'
        ? buildImage({
            platform,
            layers: [
              {
                files: [
                  ...alpineRoot({ release: '3.19.4', packages: [{ name: 'musl', version: '1.2.4-r2' }] }),
                  { path: 'note', content: note },
                ],
              },
              ...layers,
            ],
          })
        : debian(...versions[content], note, { platform, layers });
    return {
      built,
      contents: new Map([[built.manifest.digest, content]]),
      text: `${content} #${this.#made}`,
    };
  }
}
