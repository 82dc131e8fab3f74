import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { probeAdapter } from '../harbor/adapter-probe.ts';
import type { Registration } from '../harbor/answers.ts';
import type { Check } from '../harbor/check.ts';
import { type ConnectionOptions, connectionOf, type Environment, readSecret } from '../harbor/connection.ts';
import { diagnose } from '../harbor/diagnose.ts';
import { gatherFacts } from '../harbor/facts.ts';
import { registerScanner, type Step } from '../harbor/register.ts';
import {
  type AdapterAuth,
  checkName,
  parseAdapterUrl,
  type WantedRegistration,
} from '../harbor/registration.ts';
import { stepText, todoText } from '../report/harbor-report.ts';
import { apiOf, realTools, type Tools, yardstickOf } from './harbor-tools.ts';

export interface RegisterOptions {
  readonly connection: ConnectionOptions;
  readonly adapterUrl: string;
  readonly name: string;
  readonly auth: {
    readonly kind: 'none' | 'basic' | 'bearer' | 'api-key';
    readonly username: string | null;
    readonly secretFile: string | null;
    readonly secretEnv: string | null;
  };
  readonly useInternalAddress: boolean;
  readonly skipCertificate: boolean;
  readonly makeDefault: boolean;
  readonly dryRun: boolean;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique harbor register`.
 * @returns the exit code: 0; what a person still has to do is told and is no failure
 * @throws PratiqueError `usage-invalid`, `harbor-…`
 */
export async function harborRegister(
  options: RegisterOptions,
  console: Console,
  tools: Tools = realTools,
): Promise<number> {
  const { env } = options.sources;
  const connection = connectionOf(options.connection, env);
  const wanted: WantedRegistration = {
    name: checkName(options.name),
    url: parseAdapterUrl(options.adapterUrl),
    auth: adapterAuth(options.auth, env),
    useInternalAddress: options.useInternalAddress,
    skipCertificate: options.skipCertificate,
  };
  const yardstick = yardstickOf(options.sources, tools.now());
  const api = apiOf(connection);
  const steps: Step[] = [];
  const tell = (step: Step): void => {
    steps.push(step);
    if (options.format === 'table') console.out(stepText(step));
  };
  const print = (registration: Registration | null, todo: readonly Check[], error: string | null): void => {
    if (options.format === 'table') {
      if (error === null) console.out(todoText(todo));
      return;
    }
    const { dryRun } = options;
    console.out(
      JSON.stringify(
        { schemaVersion: 1, harbor: connection.url, dryRun, steps, registration, todo, error },
        null,
        2,
      ),
    );
  };
  try {
    const { registration } = await registerScanner({
      api,
      url: connection.url,
      wanted,
      makeDefault: options.makeDefault,
      dryRun: options.dryRun,
      probe: () => probeAdapter(wanted.url, wanted.auth, connection.ca, connection.proxies),
      sleep: tools.sleep,
      tell,
    });
    const looking = { api, url: connection.url, name: null, adapterUrl: wanted.url, now: tools.now };
    const checks = diagnose(await gatherFacts(looking), yardstick);
    // A dry run has registered nothing, so what it says of the registration is beside the point.
    const relevant = options.dryRun ? checks.filter(({ id }) => !id.startsWith('scanner-')) : checks;
    print(
      registration,
      relevant.filter(({ level }) => level !== 'ok'),
      null,
    );
    return exitCodes.ok;
  } catch (error) {
    if (isPratiqueError(error)) print(null, [], error.message);
    throw error;
  }
}

function adapterAuth(
  { kind, username, secretFile, secretEnv }: RegisterOptions['auth'],
  env: Environment,
): AdapterAuth {
  const usage = (message: string): PratiqueError => new PratiqueError('usage-invalid', message);
  if (kind === 'none') {
    if (secretFile !== null || secretEnv !== null || username !== null)
      throw usage('credentials for the adapter need --adapter-auth basic, bearer or api-key');
    return { kind };
  }
  const secret = readSecret({ flag: '--adapter-secret', file: secretFile, variable: secretEnv }, env);
  if (kind !== 'basic') {
    if (username !== null) throw usage('--adapter-username goes with --adapter-auth basic alone');
    return { kind, secret };
  }
  if (username === null) throw usage('--adapter-auth basic needs --adapter-username');
  if (username.includes(':')) throw usage('--adapter-username: found a colon, allowed a name without');
  return { kind, username, secret };
}
