import { join } from 'node:path';
import type { Kept } from '../registry/row.ts';
import { table } from '../table.ts';
import { debianRootFolder } from './debian-root.ts';
import { folderLayout } from './folder-layout.ts';
import { startUpstream, throughFreshGate, verdictStands } from './gate.ts';
import { first, type Layout, largeLayout } from './layout.ts';
import { quick, type Row } from './row.ts';

/** Milliseconds. */
const bound = 300;

/** First pulls over a slow line: how long after the last byte of the image the verdict stands. */
export const inFlight: Row = {
  name: 'in-flight',
  async measure({ scratch, images }, sizes) {
    const root = await debianRootFolder(images, sizes.debianBytes, sizes === quick);
    const layouts: readonly (readonly [string, Layout])[] = [
      [root.name, await folderLayout(join(scratch.dir, 'debian'), root.dir)],
      ['the large image', await largeLayout(join(images, `large-${sizes.scale}`), sizes.scale)],
    ];
    const rows: string[][] = [];
    const kept: Kept[] = [];
    for (const [name, layout] of layouts) {
      const upstream = await startUpstream(layout, sizes.lineBytes, scratch);
      const tails: number[] = [];
      const pulls: number[] = [];
      for (let round = 0; round < sizes.rounds; round += 1) {
        await throughFreshGate(scratch, upstream, async (pratique) => {
          await fetch(`${upstream}/forget`, { method: 'POST' });
          const started = Date.now();
          const stood = await verdictStands(pratique, first);
          const last = Number(await (await fetch(`${upstream}/last`)).text());
          tails.push(stood - last);
          pulls.push(stood - started);
        });
      }
      rows.push([name, pulls.map((one) => (one / 1000).toFixed(2)).join(', '), tails.join(', ')]);
      kept.push({
        what: `first pull, ${name}: milliseconds from the last byte to the verdict, at most`,
        value: Math.max(...tails),
        bound: { atMost: bound },
      });
    }
    return {
      text: table(['image', 'from the question to the verdict, s', 'after the last byte, ms'], rows),
      kept,
      missing: [],
    };
  },
};
