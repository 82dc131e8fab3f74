import { describe, expect, it } from '@jest/globals';
import type { Descriptor, ImageManifest } from '../core/image.ts';
import { sha256 } from '../test/support/images.ts';
import { EarlyLooks } from './early-looks.ts';
import type { LayerOutcome } from './ports.ts';

const large = 100 * 1024 ** 2;
const outcome: LayerOutcome = {
  kind: 'unreadable',
  error: { code: 'layer-unreadable', message: 'x', fields: {} },
};

function manifestOf(...sizes: readonly number[]): ImageManifest {
  const layers = sizes.map(
    (size, at): Descriptor => ({ mediaType: '', digest: sha256(`${at}`), size, platform: null }),
  );
  const config: Descriptor = { mediaType: '', digest: sha256('config'), size: 1, platform: null };
  return { kind: 'image', mediaType: '', config, layers, hazards: [], subject: null };
}

/** The sizes of the layers at each look. */
async function looksAt(
  sizes: readonly number[],
  came: readonly number[],
  fails = false,
): Promise<number[][]> {
  const looks: number[][] = [];
  const early = new EarlyLooks(manifestOf(...sizes), async ({ manifest, layers }) => {
    expect(layers).toHaveLength(manifest.layers.length);
    looks.push(manifest.layers.map(({ size }) => size));
    if (fails) throw new Error('no advisories');
  });
  for (const position of came) {
    early.came(position, outcome);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return looks;
}

describe('looks at an image before all of it has come', () => {
  it.each<readonly [string, readonly number[], readonly number[], number[][]]>([
    ['what has come, in the order of layers', [1, 2, large], [1, 0, 2], [[2], [1, 2]]],
    ['nothing where only small layers are to come', [large, 2, 3], [0, 1, 2], []],
    ['nothing where all has come', [large], [0], []],
    [
      'a few times at most',
      [1, 2, 3, 4, 5, 6, large],
      [0, 1, 2, 3, 4, 5, 6],
      [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
    ],
  ])('see %s', async (_, sizes, came, looks) => {
    expect(await looksAt(sizes, came)).toEqual(looks);
  });

  it('fail without a word, and are tried again', async () => {
    expect(await looksAt([1, 2, large], [0, 1], true)).toEqual([[1], [1, 2]]);
  });

  it('are not made side by side', async () => {
    let end = (): void => undefined;
    let looks = 0;
    const early = new EarlyLooks(manifestOf(1, 2, large), () => {
      looks += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    early.came(0, outcome);
    early.came(1, outcome);
    expect(looks).toBe(1);
    end();
  });
});
