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
  update: () => import('./advisories-update.ts'),
  status: () => import('./advisories-status.ts'),
  rematch: () => import('./advisories-rematch.ts'),
};

/** `pratique advisories …`. */
export function addAdvisoriesCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  const advisories = program
    .command('advisories')
    .description('update or show the advisories that images are judged by');
  place(advisories.command('update'))
    .description('import advisories, all or nothing (default: osv.dev and the catalogue of CISA)')
    .option('--from <place>', 'a folder or URL below which <Ecosystem>/all.zip lies, as osv.dev exports it')
    .option('--kev <place>', 'file or URL of the known-exploited catalogue')
    .action((flags: PlaceFlags & { readonly from?: string; readonly kev?: string }) =>
      acting(async () =>
        (await commands.update()).updateAdvisories(
          { from: flags.from ?? null, kev: flags.kev ?? null, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  place(advisories.command('status'))
    .description('which feeds are in force, and how old they are')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly format: Format }) =>
      acting(async () =>
        (await commands.status()).showAdvisories(
          { format: flags.format, sources: sourcesOf(flags) },
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
