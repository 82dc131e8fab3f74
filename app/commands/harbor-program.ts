import { type Command, Option } from 'commander';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import type { ConnectionOptions } from '../harbor/connection.ts';
import { guarded } from './outcome.ts';

/** Loaded when they are called for. */
const commands = {
  register: () => import('./harbor-register.ts'),
  allowlist: () => import('./harbor-allowlist.ts'),
  doctor: () => import('./harbor-doctor.ts'),
};

export interface HarborSurroundings {
  readonly console: Console;
  readonly env: ConfigSources['env'];
  readonly end: (code: number) => void;
}

interface ConnectionFlags {
  readonly url: string;
  readonly username: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly ca?: string;
  readonly config?: string;
  readonly format: 'table' | 'json';
}

interface RegisterFlags extends ConnectionFlags {
  readonly adapterUrl: string;
  readonly name: string;
  readonly adapterAuth: 'none' | 'basic' | 'bearer' | 'api-key';
  readonly adapterUsername?: string;
  readonly adapterSecretFile?: string;
  readonly adapterSecretEnv?: string;
  readonly useInternalAddr?: true;
  readonly skipCertVerify?: true;
  readonly default: boolean;
  readonly dryRun?: true;
}

interface AllowlistFlags extends ConnectionFlags {
  readonly project?: string;
  readonly policy?: string;
  readonly apply?: true;
  readonly replace?: true;
}

interface DoctorFlags extends ConnectionFlags {
  readonly name?: string;
  readonly adapterUrl?: string;
}

/** `pratique harbor …` and `pratique doctor …`. */
export function addHarborCommands(program: Command, { console, env, end }: HarborSurroundings): void {
  const run = async (unexpected: number, work: () => Promise<number>): Promise<void> =>
    end(await guarded(console, unexpected, work));
  const sourcesOf = ({ config }: ConnectionFlags): ConfigSources => ({
    file: config ?? null,
    data: null,
    env,
  });

  const harbor = program.command('harbor').description("attach Pratique's scanner adapter to a Harbor");
  connecting(harbor.command('register'))
    .description('register the adapter as a scanner, or update its registration, and check it')
    .requiredOption('--adapter-url <url>', 'where Harbor reaches the adapter, such as http://pratique:5090')
    .option('--name <name>', 'name of the registration', 'Pratique')
    .addOption(
      new Option('--adapter-auth <kind>', 'how Harbor authenticates to the adapter')
        .choices(['none', 'basic', 'bearer', 'api-key'])
        .default('none'),
    )
    .option('--adapter-username <name>', 'with --adapter-auth basic')
    .option('--adapter-secret-file <file>', "file with the adapter's password, token or key")
    .option('--adapter-secret-env <variable>', 'environment variable with it')
    .option('--use-internal-addr', "let scans pull from Harbor's internal address")
    .option('--skip-cert-verify', "let Harbor not check the adapter's certificate")
    .option('--default', 'make it the default scanner', true)
    .option('--no-default', 'leave the default scanner as it is')
    .option('--dry-run', 'ask Harbor to ping the adapter, tell what would be done, change nothing')
    .addHelpText('after', registerHelp)
    .action((flags: RegisterFlags) =>
      run(exitCodes.usage, async () =>
        (await commands.register()).harborRegister(
          {
            connection: connectionFlags(flags),
            adapterUrl: flags.adapterUrl,
            name: flags.name,
            auth: {
              kind: flags.adapterAuth,
              username: flags.adapterUsername ?? null,
              secretFile: flags.adapterSecretFile ?? null,
              secretEnv: flags.adapterSecretEnv ?? null,
            },
            useInternalAddress: flags.useInternalAddr === true,
            skipCertificate: flags.skipCertVerify === true,
            makeDefault: flags.default,
            dryRun: flags.dryRun === true,
            format: flags.format,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );

  connecting(harbor.command('allowlist'))
    .description("offer the policy's exceptions to Harbor's CVE allowlist; changes nothing without --apply")
    .option('--project <name>', "the project's list instead of the system's")
    .option('--policy <file>', "the exceptions of this policy instead of the configuration's")
    .option('--apply', 'write the list')
    .option('--replace', "with --apply: take out entries that are not of the policy's exceptions")
    .addHelpText('after', allowlistHelp)
    .action((flags: AllowlistFlags) =>
      run(exitCodes.usage, async () =>
        (await commands.allowlist()).harborAllowlist(
          {
            connection: connectionFlags(flags),
            project: flags.project ?? null,
            policy: flags.policy ?? null,
            apply: flags.apply === true,
            replace: flags.replace === true,
            format: flags.format,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );

  const doctor = program
    .command('doctor')
    .description('look for the usual mistakes; without a name: which doctors there are')
    .action(() => {
      console.out(doctors);
      end(exitCodes.ok);
    });
  connecting(doctor.command('harbor'))
    .description('a Harbor, its registration of the adapter, its projects; changes nothing')
    .option('--name <name>', 'name of the registration (default: the scanner that says it is Pratique)')
    .option('--adapter-url <url>', 'its address, instead of its name')
    .addHelpText('after', doctorHelp)
    .action((flags: DoctorFlags) =>
      run(exitCodes.undecided, async () =>
        (await commands.doctor()).harborDoctor(
          {
            connection: connectionFlags(flags),
            name: flags.name ?? null,
            adapterUrl: flags.adapterUrl ?? null,
            format: flags.format,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
}

function connecting(command: Command): Command {
  return command
    .requiredOption('--url <url>', "Harbor's address, such as https://harbor.corp.example")
    .option('--username <name>', 'a system administrator, or a system robot account', 'admin')
    .option('--password-file <file>', 'file with the password')
    .option('--password-env <variable>', 'environment variable with the password')
    .option('--ca <file>', 'PEM file of an authority to trust beside the public ones')
    .option('--config <file>', 'configuration file (YAML), for the policy and the names of the registry port')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'));
}

function connectionFlags(flags: ConnectionFlags): ConnectionOptions {
  return {
    url: flags.url,
    username: flags.username,
    passwordFile: flags.passwordFile ?? null,
    passwordEnv: flags.passwordEnv ?? null,
    ca: flags.ca ?? null,
  };
}

const doctors = `Doctors:
  pratique doctor harbor --url URL --password-file FILE   a Harbor that has Pratique as its scanner

"pratique doctor NAME --help" says what each one needs.`;

const registerHelp = `
Secrets come from a file or from the environment, never from the command line. Running it again changes only
what is not as wanted.

Example:
  pratique harbor register --url https://harbor.corp.example --password-file admin-password \\
    --adapter-url http://pratique:5090 --adapter-auth bearer --adapter-secret-file adapter-token

Exit codes: 0 done, 2 something to correct, 3 Harbor cannot be reached or does not answer as it should.`;

const allowlistHelp = `
Harbor's allowlist knows advisories alone, with one end for all of them. Exceptions for a package, or for images that
are not the whole Harbor (with --project: the whole project), are left out; the list ends with the first of the rest.

Exit codes: 0 done or shown, 2 something to correct (entries of others stand in the way), 3 Harbor cannot be reached.`;

const doctorHelp = `
Exit codes: 0 nothing is broken, 1 a mistake that breaks scans or gates, 2 usage, 3 something could not be looked at.`;
