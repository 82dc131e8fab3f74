import type { Command } from 'commander';
import {
  collect,
  type Format,
  formatOption,
  type PlaceFlags,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

interface WarmFlags extends Pick<PlaceFlags, 'config'> {
  readonly registry?: string;
  readonly ca?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly platform?: readonly string[];
  readonly wait: string;
  readonly format: Format;
}

/** `pratique warm`. */
export function addWarmCommand(program: Command, surroundings: Surroundings): void {
  const { console, judging, sourcesOf } = runnerOf(surroundings);
  program
    .command('warm <image...>')
    .description(
      'have a running server fetch and inspect images before anyone asks, and wait for what it says',
    )
    .option('--config <file>', 'configuration file (YAML)')
    .option('--registry <url>', "the server's registry port (default: listen.registry)")
    .option('--ca <file>', "PEM of the authority that has signed the server's certificate")
    .option('--user <name>', 'who asks, where the server wants to know')
    .option('--password-file <file>', 'his password, or an access token')
    .option('--password-env <variable>', 'the environment variable that holds it')
    .option('--platform <platform>', "of an index (again for each; default: the configuration's)", collect)
    .option('--wait <time>', 'for all of them, such as 90s or 10m', '10m')
    .addOption(formatOption())
    .action((images: readonly string[], flags: WarmFlags) =>
      judging(async () =>
        (await import('./warm.ts')).warm(
          {
            images,
            registry: flags.registry ?? null,
            ca: flags.ca ?? null,
            user: flags.user ?? null,
            passwordFile: flags.passwordFile ?? null,
            passwordEnv: flags.passwordEnv ?? null,
            platforms: flags.platform ?? [],
            wait: flags.wait,
            format: flags.format,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
}
