import { Command, CommanderError } from 'commander';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { readVersion } from '../version.ts';
import { addAdvisoriesCommands } from './advisories-program.ts';
import { addCacheCommands } from './cache-program.ts';
import { addEventsCommands } from './events-program.ts';
import { addExceptionCommands } from './exception-program.ts';
import { addHarborCommands } from './harbor-program.ts';
import { afterHelp, summary } from './help.ts';
import { addJudgingCommands } from './judging-program.ts';
import { addNodeConfigCommand } from './node-config-program.ts';
import { addPolicyCommands } from './policy-program.ts';
import { type PlaceFlags, place, runnerOf } from './program-parts.ts';
import { addReportCommand } from './report-program.ts';
import { addTokenCommands } from './token-program.ts';
import { addWarmCommand } from './warm-program.ts';
import { addWebhookCommands } from './webhook-program.ts';

/** What the command line needs of the process that it runs in. */
export interface Surroundings {
  readonly console: Console;
  readonly env: ConfigSources['env'];
  /** Asked for by commands that run until they are stopped; resolves with the reason. */
  readonly stopped: () => Promise<string>;
}

/**
 * Runs one command line.
 * @param argv without the program's name
 * @returns the exit code
 */
export async function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let code: number = exitCodes.ok;
  const program = createProgram(surroundings, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has written what is wrong; help and version that were asked for are no errors.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return code;
}

function createProgram(surroundings: Surroundings, end: (code: number) => void): Command {
  const parts = { console: surroundings.console, env: surroundings.env, end };
  const { console, acting, sourcesOf } = runnerOf(parts);
  const program = new Command('pratique')
    .description(summary)
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', afterHelp)
    .showHelpAfterError('Add --help to see what there is.')
    .configureOutput({
      writeOut: (text) => console.out(withoutLastBreak(text)),
      writeErr: (text) => console.err(withoutLastBreak(text)),
    })
    .exitOverride();

  place(program.command('serve'))
    .description('run the registry proxy, the management API and the admission webhook')
    .option(
      '--roles <list>',
      'run these alone, with commas between them: proxy, harbor-adapter, webhook, console, worker; a webhook alone knows what the proxy of webhook.proxy has told it',
    )
    .action((flags: PlaceFlags & { readonly roles?: string }) => {
      const stopped = surroundings.stopped();
      const options = { sources: sourcesOf(flags), roles: flags.roles ?? null };
      return acting(async () => (await import('./serve.ts')).serve(options, console, stopped));
    });

  addJudgingCommands(program, parts);
  addAdvisoriesCommands(program, parts);
  addPolicyCommands(program, parts);
  addExceptionCommands(program, parts);
  addTokenCommands(program, parts);
  addReportCommand(program, parts);
  addEventsCommands(program, parts);
  addHarborCommands(program, parts);
  addNodeConfigCommand(program, parts);
  addWarmCommand(program, parts);
  addCacheCommands(program, parts);
  addWebhookCommands(program, parts);
  return program;
}

/** The console ends every text with a line break of its own. */
function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
