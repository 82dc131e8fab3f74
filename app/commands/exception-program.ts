import type { Command } from 'commander';
import type { ExceptionFlags } from './exception-input.ts';
import {
  collect,
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

/** Loaded when they are called for. */
const commands = {
  add: () => import('./exception-add.ts'),
  list: () => import('./exception-list.ts'),
  revoke: () => import('./exception-revoke.ts'),
  log: () => import('./exception-log.ts'),
};

/** `pratique exception …`. */
export function addExceptionCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  const exception = program
    .command('exception')
    .description('let single findings through until a day, with a reason; every step is in an audit log');

  place(exception.command('add'))
    .description('let an advisory through: a running server takes it up within seconds')
    .option('--advisory <id>', 'any id of it, such as CVE-2024-1234')
    .option('--package <name>', 'in this package, or what is built from it (default: every package)')
    .option('--image <pattern>', 'in these repositories, such as docker.io/library/* (default: every image)')
    .option('--policy <name>', 'for this policy (again for each; default: all)', collect)
    .option('--gate <gate>', 'at this gate (again for each; default: all)', collect)
    .option(
      '--cluster <name>',
      'in this cluster, * for any characters (again for each; default: all)',
      collect,
    )
    .option(
      '--namespace <name>',
      'in this namespace, * for any characters (again for each; default: all)',
      collect,
    )
    .option('--reason <text>', 'why it does no harm')
    .option('--author <who>', 'who answers for it')
    .option('--expires <date>', 'its last day in UTC (2026-12-31), or a time with its zone')
    .option('--ticket <id>', 'where it is followed')
    .action((flags: PlaceFlags & ExceptionFlags) =>
      acting(async () => (await commands.add()).addException({ flags, sources: sourcesOf(flags) }, console)),
    );

  place(exception.command('list'))
    .description('those that were granted and those of policy files: what ends first comes first')
    .option('--all', 'those too that have ended or were revoked')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly all?: true; readonly format: Format }) =>
      acting(async () =>
        (await commands.list()).listExceptions(
          { all: flags.all === true, format: flags.format, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  place(exception.command('revoke <id>'))
    .description('end one before its day')
    .requiredOption('--by <who>', 'who ends it')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, flags: PlaceFlags & { readonly by: string; readonly reason: string }) =>
      acting(async () =>
        (await commands.revoke()).revokeException(
          { id, by: flags.by, reason: flags.reason, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  place(exception.command('log'))
    .description('everything that ever happened to an exception')
    .option('--verify', 'check that nobody has changed the log')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly verify?: true; readonly format: Format }) =>
      acting(async () =>
        (await commands.log()).showExceptionLog(
          { verify: flags.verify === true, format: flags.format, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
}
