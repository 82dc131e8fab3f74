import type { Command } from 'commander';
import { type OciFlags, ociFlags } from './oci-flags.ts';
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
  update: () => import('./advisories-update.ts'),
  status: () => import('./advisories-status.ts'),
  export: () => import('./advisories-export.ts'),
  import: () => import('./advisories-import.ts'),
  rollback: () => import('./advisories-rollback.ts'),
  rematch: () => import('./advisories-rematch.ts'),
};

/** `pratique advisories …`. */
export function addAdvisoriesCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  const advisories = program
    .command('advisories')
    .description('update, show, carry or roll back the advisories that images are judged by');
  place(advisories.command('update'))
    .description(
      'import advisories; feeds that cannot be had stay as they are, and the command ends with 3 (default: docs/feeds.md)',
    )
    .option(
      '--from <place>',
      'a folder or URL below which <Ecosystem>/all.zip lies, as osv.dev exports it, or oci://REGISTRY/REPOSITORY:TAG of an export',
    )
    .option('--kev <place>', 'file or URL of the known-exploited catalogue')
    .option('--scheduled', 'as the schedule does: not while updates are held by a rollback')
    .action(
      (flags: PlaceFlags & { readonly from?: string; readonly kev?: string; readonly scheduled?: boolean }) =>
        acting(async () =>
          (await commands.update()).updateAdvisories(
            {
              from: flags.from ?? null,
              kev: flags.kev ?? null,
              scheduled: flags.scheduled === true,
              sources: sourcesOf(flags),
            },
            console,
          ),
        ),
    );
  place(advisories.command('status'))
    .description('which feeds are in force, and how old they are')
    .option('--coverage', 'for each system release and language: who speaks of it, since when, until when')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly format: Format; readonly coverage?: true }) =>
      acting(async () =>
        (await commands.status()).showAdvisories(
          { format: flags.format, coverage: flags.coverage === true, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  ociFlags(place(advisories.command('export')))
    .argument('<target>', 'a file, or oci://REGISTRY/REPOSITORY:TAG')
    .description('write the advisories in force to one file, or to a registry, for sites without a network')
    .action((target: string, flags: PlaceFlags & OciFlags) =>
      acting(async () =>
        (await commands.export()).exportAdvisories(
          { ...flags, to: target, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  ociFlags(place(advisories.command('import')))
    .argument('<from>', 'a file that export wrote, or oci://REGISTRY/REPOSITORY:TAG[@sha256:...]')
    .description('put an export in force, all or nothing, after everything in it was found right')
    .option('--older', 'also where it is older than what is in force, or holds fewer feeds')
    .action((from: string, flags: PlaceFlags & OciFlags & { readonly older?: boolean }) =>
      acting(async () =>
        (await commands.import()).importExport(
          { ...flags, from, older: flags.older === true, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  place(advisories.command('rollback'))
    .argument('[revision]', 'which of the kept ones (default: the one before that in force)')
    .description('put older advisories in force again, and hold scheduled updates')
    .option('--release', 'only let scheduled updates go on')
    .action((revision: string | undefined, flags: PlaceFlags & { readonly release?: boolean }) =>
      acting(async () =>
        (await commands.rollback()).rollBack(
          { revision: revision ?? null, release: flags.release === true, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  place(advisories.command('rematch'))
    .description(
      'match everything again from recorded inventories, and judge it again, in the running server',
    )
    .action((flags: PlaceFlags) =>
      acting(async () => (await commands.rematch()).askRematch({ sources: sourcesOf(flags) }, console)),
    );
}
