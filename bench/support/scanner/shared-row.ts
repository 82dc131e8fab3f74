import { join } from 'node:path';
import { peakWhile, processorSeconds } from '../registry/process-cost.ts';
import { format } from '../table.ts';
import { startUpstream, throughFreshGate, verdictStands } from './gate.ts';
import { first, largeLayout, second } from './layout.ts';
import type { Row } from './row.ts';

/** Bytes per second: as fast as loopback is. */
const unshaped = 100_000_000_000;

/** Two images through the proxy, from the question to the verdict; the second one shares all layers but the last. */
export const shared: Row = {
  name: 'shared',
  async measure({ scratch, images }, sizes) {
    const layout = await largeLayout(join(images, `large-${sizes.scale}`), sizes.scale);
    const upstream = await startUpstream(layout, unshaped, scratch);
    return throughFreshGate(scratch, upstream, async (pratique) => {
      const timed = async (tag: string): Promise<{ readonly s: number; readonly cpu: number }> => {
        const started = Date.now();
        const before = processorSeconds(pratique.child.pid);
        const s = ((await verdictStands(pratique, tag)) - started) / 1000;
        return { s, cpu: processorSeconds(pratique.child.pid) - before };
      };
      let one = { s: Number.NaN, cpu: Number.NaN };
      const peak = await peakWhile(pratique.child.pid, async () => {
        one = await timed(first);
      });
      const other = await timed(second);
      return {
        text: [
          `first image: ${format(one.s)} s, ${format(one.cpu)} s of processor time, ${format(peak / 1e6)} MB resident at most`,
          `second image: ${format(other.s)} s, ${format(other.cpu)} s of processor time`,
        ].join('\n'),
        kept: [
          {
            what: 'a second image that shares all but one layer, through the proxy: of the first',
            value: other.s / one.s,
            bound: { atMost: 0.1 },
          },
        ],
        missing: [],
      };
    });
  },
};
