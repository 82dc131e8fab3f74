import type { Command } from 'commander';
import {
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

/** Loaded when they are called for. */
const commands = {
  status: () => import('./cache-status.ts'),
  prune: () => import('./cache-prune.ts'),
  pin: () => import('./cache-pin.ts'),
};

interface PruneFlags extends PlaceFlags {
  readonly dryRun?: true;
  readonly unreferenced?: true;
  readonly olderThan?: string;
  readonly to?: string;
}

/** `pratique cache …`. */
export function addCacheCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  const cache = program
    .command('cache')
    .description('what lies in the store, what goes out of it, and what stays in it');

  place(cache.command('status'))
    .description('bytes and blobs, whose they are, and what could go')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly format: Format }) =>
      acting(async () =>
        (await commands.status()).cacheStatus({ format: flags.format, sources: sourcesOf(flags) }, console),
      ),
    );

  place(cache.command('prune'))
    .description('take blobs out of the store, beside a running server or without one')
    .option('--dry-run', 'only say what would go')
    .option('--unreferenced', 'what no manifest refers to, after cache.grace')
    .option('--older-than <time>', 'what nobody used for so long, such as 30d')
    .option('--to <size>', 'least recently used first, until no more than that is left, such as 50GiB')
    .action((flags: PruneFlags) =>
      acting(async () =>
        (await commands.prune()).pruneCache({ ...flags, sources: sourcesOf(flags) }, console),
      ),
    );

  place(cache.command('pin <image...>'))
    .description('keep images, with all their platforms, whatever the size and age of the cache')
    .requiredOption('--by <who>', 'who answers for it')
    .requiredOption('--note <text>', 'why')
    .action((images: string[], flags: PlaceFlags & { readonly by: string; readonly note: string }) =>
      acting(async () =>
        (await commands.pin()).pinImages(
          { images, by: flags.by, note: flags.note, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  place(cache.command('unpin <image...>'))
    .description('keep them no longer than others')
    .action((images: string[], flags: PlaceFlags) =>
      acting(async () => (await commands.pin()).unpinImages({ images, sources: sourcesOf(flags) }, console)),
    );

  place(cache.command('pins'))
    .description('pinned images, with what is there of them')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly format: Format }) =>
      acting(async () =>
        (await commands.pin()).listPins({ format: flags.format, sources: sourcesOf(flags) }, console),
      ),
    );
}
