import { Command, CommanderError, Option } from 'commander';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { readVersion } from '../version.ts';
import { addHarborCommands } from './harbor-program.ts';
import { afterHelp, summary } from './help.ts';
import { guarded } from './outcome.ts';

/** Loaded when they are called for: half of the program is of no use to `--help`. */
const commands = {
  serve: () => import('./serve.ts'),
  scan: () => import('./scan.ts'),
  verdict: () => import('./verdict.ts'),
  advisoriesUpdate: () => import('./advisories-update.ts'),
  advisoriesStatus: () => import('./advisories-status.ts'),
  policyCheck: () => import('./policy-check.ts'),
};

/** What the command line needs of the process that it runs in. */
export interface Surroundings {
  readonly console: Console;
  readonly env: ConfigSources['env'];
  /** Asked for by commands that run until they are stopped; resolves with the reason. */
  readonly stopped: () => Promise<string>;
}

interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly policy?: string;
  readonly platform?: string;
  readonly from?: string;
  readonly kev?: string;
  readonly format?: 'table' | 'json';
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
  const { console } = surroundings;
  const sourcesOf = ({ config, data }: Flags): ConfigSources => ({
    file: config ?? null,
    data: data ?? null,
    env: surroundings.env,
  });
  const judging = async (work: () => Promise<number>): Promise<void> =>
    end(await guarded(console, exitCodes.undecided, work));
  const acting = async (work: () => Promise<number>): Promise<void> =>
    end(await guarded(console, exitCodes.usage, work));

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
    .action((flags: Flags) => {
      const stopped = surroundings.stopped();
      return acting(async () =>
        (await commands.serve()).serve({ sources: sourcesOf(flags) }, console, stopped),
      );
    });

  place(program.command('scan <target>'))
    .description('inspect and judge an image reference, oci:DIR[:TAG] or rootfs:DIR')
    .addOption(formatOption())
    .option('--policy <file>', "judge by this policy instead of the configuration's")
    .option('--platform <platform>', 'this platform of an index only, such as linux/arm64')
    .action((target: string, flags: Flags) =>
      judging(async () =>
        (await commands.scan()).scan(
          {
            target,
            format: flags.format ?? 'table',
            policy: flags.policy ?? null,
            platform: flags.platform ?? null,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );

  place(program.command('verdict <image>'))
    .description('what is said now of an image (or digest) that the proxy has seen; needs no network')
    .addOption(formatOption())
    .option('--policy <file>', "judge by this policy instead of the configuration's")
    .action((image: string, flags: Flags) =>
      judging(async () =>
        (await commands.verdict()).showVerdict(
          {
            image,
            format: flags.format ?? 'table',
            policy: flags.policy ?? null,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );

  const advisories = program
    .command('advisories')
    .description('update or show the advisories that images are judged by');
  place(advisories.command('update'))
    .description('import advisories, all or nothing (default: osv.dev and the catalogue of CISA)')
    .option('--from <place>', 'a folder or URL below which <Ecosystem>/all.zip lies, as osv.dev exports it')
    .option('--kev <place>', 'file or URL of the known-exploited catalogue')
    .action((flags: Flags) =>
      acting(async () =>
        (await commands.advisoriesUpdate()).updateAdvisories(
          { from: flags.from ?? null, kev: flags.kev ?? null, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );
  place(advisories.command('status'))
    .description('which feeds are in force, and how old they are')
    .addOption(formatOption())
    .action((flags: Flags) =>
      acting(async () =>
        (await commands.advisoriesStatus()).showAdvisories(
          { format: flags.format ?? 'table', sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  program
    .command('policy')
    .description('check a file of rules that images are judged by')
    .command('check <file>')
    .description('read a policy file; tell every problem, or what was understood')
    .action((file: string) =>
      acting(async () => (await commands.policyCheck()).policyCheck({ file }, console)),
    );

  addHarborCommands(program, { console, env: surroundings.env, end });
  return program;
}

/** The options that say where configuration and state lie. */
function place(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (YAML)')
    .option('--data <dir>', 'folder of all state, which outranks the configuration');
}

function formatOption(): Option {
  return new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table');
}

/** The console ends every text with a line break of its own. */
function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
