import type { Command } from 'commander';
import {
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';
import type { TokenFlags } from './token-create.ts';

/** Loaded when they are called for. */
const commands = {
  create: () => import('./token-create.ts'),
  list: () => import('./token-list.ts'),
  revoke: () => import('./token-revoke.ts'),
};

/** `pratique token …`. */
export function addTokenCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  const token = program
    .command('token')
    .description(
      'access tokens of the registry port, for programs and for users who give less than they may',
    );

  place(token.command('create'))
    .description('give one out: its secret is printed once, and works as a password')
    .requiredOption('--name <name>', 'what it logs in as, such as ci')
    .option('--user <user>', 'whose it is: it never may more than he may (default: a robot of its own)')
    .requiredOption(
      '--rights <rights>',
      'what it may, such as pull:docker.io/**,push:hosted/team/** (pull, push, delete, admin)',
    )
    .option('--expires <time>', 'how long it is good, such as 12h or 90d', '90d')
    .option('--note <text>', 'what it is for')
    .action((flags: PlaceFlags & TokenFlags) =>
      acting(async () =>
        (await commands.create()).createToken({ flags, sources: sourcesOf(flags) }, console),
      ),
    );

  place(token.command('list'))
    .description('those that are in force')
    .option('--all', 'those too that have ended or were revoked')
    .addOption(formatOption())
    .action((flags: PlaceFlags & { readonly all?: true; readonly format: Format }) =>
      acting(async () =>
        (await commands.list()).listTokens(
          { all: flags.all === true, format: flags.format, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  place(token.command('revoke <token>'))
    .description('end one before its time, by its id or its name')
    .requiredOption('--by <who>', 'who ends it')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, flags: PlaceFlags & { readonly by: string; readonly reason: string }) =>
      acting(async () =>
        (await commands.revoke()).revokeToken(
          { id, by: flags.by, reason: flags.reason, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
}
