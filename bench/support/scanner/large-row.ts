import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkIds } from '../../../core/check.ts';
import type { Kept } from '../registry/row.ts';
import { inTurns, medianOf, ratio, type Sample } from '../rounds.ts';
import { comparison, format } from '../table.ts';
import { costOfGunzip, costOfScan } from './cost.ts';
import { dataFolder } from './data-folder.ts';
import { plannedBytes } from './layer-plans.ts';
import { first, type Layout, largeLayout, second } from './layout.ts';
import type { Row } from './row.ts';

/** Bounds of the peak of resident memory, megabytes. */
const mostMemory = 400;

/** A large image beside unpacking its layers, which is the least that a scanner can do. */
export const large: Row = {
  name: 'large',
  async measure({ scratch, images }, sizes) {
    const layout = await largeLayout(join(images, `large-${sizes.scale}`), sizes.scale);
    const plain = await scanner(join(scratch.dir, 'plain'), layout, inventoryOnly);
    const whole = await scanner(join(scratch.dir, 'whole'), layout, {});
    const files = (layout.layers[first] ?? []).map(({ file }) => file);
    const samples = await inTurns(
      [
        { name: 'inventory', measure: plain.anew },
        { name: 'all checks', measure: whole.anew },
        { name: 'gzip -dc', measure: () => costOfGunzip(files) },
      ],
      sizes.rounds,
      { warmUp: false },
    );
    const packed = (layout.layers[first] ?? []).reduce((sum, { size }) => sum + size, 0);
    const what = `${format((plannedBytes * sizes.scale) / 1e9)} GB unpacked, ${format(packed / 1e9)} GB packed`;
    const again = await whole.second();
    const measured = ['s', 'cpu s', 'peak MB'].map((unit) => ({ what, unit, samples }));
    const shares = again / medianOf(samples, 'all checks', 's');
    const kept: Kept[] = [
      {
        what: 'inventory: of gzip -dc',
        value: ratio(samples, 'inventory', 'gzip -dc', 's'),
        bound: { atMost: 1.4 },
      },
      {
        what: 'all checks: of gzip -dc',
        value: ratio(samples, 'all checks', 'gzip -dc', 's'),
        bound: { atMost: 2.5 },
      },
      ...['inventory', 'all checks'].map((name) => ({
        what: `${name}: resident MB at most`,
        value: Math.max(...(samples.get(name) ?? []).map((sample) => sample['peak MB'] ?? Number.NaN)),
        bound: { atMost: mostMemory },
      })),
    ];
    const text = comparison(measured, ['inventory', 'gzip -dc', 'all checks']);
    const told = `A second image that shares all but one layer: ${format(again)} s, ${shares.toFixed(2)} of the first`;
    return { text: `${text}\n\n${told}`, kept, missing: [] };
  },
};

/** Settings of a scan that looks for packages alone. */
const inventoryOnly = { scanner: { checks: Object.fromEntries(checkIds.map((id) => [id, 'off'])) } };

async function scanner(
  dir: string,
  layout: Layout,
  config: Readonly<Record<string, unknown>>,
): Promise<{ readonly anew: () => Promise<Sample>; readonly second: () => Promise<number> }> {
  const options = await dataFolder(dir, config);
  const scan = (tag: string): Promise<Sample> => costOfScan(`oci:${layout.dir}:${tag}`, options);
  return {
    anew: () => {
      rmSync(join(dir, 'data', 'scanned-layers'), { recursive: true, force: true });
      return scan(first);
    },
    second: async () => (await scan(second)).s ?? Number.NaN,
  };
}
