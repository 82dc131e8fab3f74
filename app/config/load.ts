import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type ProxySettings, proxiesOf } from '../../core/http-proxy.ts';
import { parsePlatform } from '../../core/platform.ts';
import { isReady } from '../../policy/bindings/ready.ts';
import { ProblemWriter, problemsOf } from '../../policy/problems.ts';
import { parseDuration } from '../../policy/time.ts';
import type { AuthSettings } from '../../proxy/auth/settings.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import type { CustomKind } from '../../webhook/kinds.ts';
import { buildKinds, buildMutate } from './admission-schema.ts';
import { feedProblems } from './advisory-feeds.ts';
import { buildBound } from './bound-schema.ts';
import { buildBreakGlass } from './break-glass.ts';
import { buildCache, buildHosted } from './cache.ts';
import type { Config, Listen } from './config.ts';
import { defaultData, defaultUpstreams } from './defaults.ts';
import { buildEvents } from './events.ts';
import { buildGatekeeper } from './gatekeeper.ts';
import { buildGates } from './gates.ts';
import { buildHarborAdapter } from './harbor-adapter.ts';
import { buildPrefetch } from './prefetch-schema.ts';
import { buildPerPuller } from './registry-port-schema.ts';
import { buildRunning } from './running-schema.ts';
import { buildScanner } from './scanner.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import { buildTagTimes, immutableTags } from './tags-schema.ts';
import { buildUpstream, type UpstreamGround } from './upstreams.ts';
import { buildWebhookProxy } from './webhook-proxy.ts';
import { buildWebhookTls } from './webhook-tls.ts';

export interface ConfigSources {
  /** `--config FILE`; null: defaults only. */
  readonly file: string | null;
  /** `--data DIR`, which outranks the file. */
  readonly data: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration; paths in the file are relative to the file.
 * @throws PratiqueError `config-invalid`, one line per problem: `file:line:column path: found X, allowed Y`
 */
export function loadConfig(sources: ConfigSources): Config {
  const file =
    sources.file === null ? configSchema.parse({}) : parseConfig(readText(sources.file), sources.file);
  const base = sources.file === null ? process.cwd() : dirname(resolve(sources.file));
  return build(file, sources, base);
}

/**
 * The kinds of one's own of a file that is another machine's: what else stands there, such as files of secrets, is not read.
 * @throws PratiqueError `config-invalid`
 */
export function loadKinds(file: string): readonly CustomKind[] {
  return buildKinds(parseConfig(readText(file), file).webhook.kinds, file);
}

/** @throws PratiqueError `config-invalid` */
export function parseConfig(text: string, fileName: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const writer = new ProblemWriter(fileName, document, lines, text);
  const syntax = [...document.errors, ...document.warnings].map((error) =>
    writer.at(error.pos[0], `is not YAML as it has to be: ${error.message}`),
  );
  if (syntax.length > 0) throw invalid(syntax, fileName);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  // An empty file is a file without settings.
  const result = configSchema.safeParse(value ?? {});
  if (!result.success) throw invalid(writer.write(problemsOf(result.error.issues)), fileName);
  return result.data;
}

function build(file: ConfigFile, sources: ConfigSources, base: string): Config {
  const at = (path: string): string => resolve(base, path);
  const proxies = readProxies(sources);
  const ground: UpstreamGround = {
    at,
    text: readText,
    secret: (setting, source) => readSecret(setting, source, sources, at),
    proxies,
    hasUsers: file.auth !== undefined,
    invalid: (setting, problem) =>
      invalid([`${sources.file ?? 'the configuration'} ${setting}: ${problem}`], sources.file ?? ''),
  };
  const upstreams = file.upstreams?.map((upstream) => buildUpstream(upstream, ground)) ?? defaults(proxies);
  refuseDoubles(upstreams, sources.file ?? 'the configuration');
  const pushed = upstreams.find(({ push = 'off' }) => push !== 'off');
  if (pushed !== undefined && file.auth === undefined) {
    throw invalid(
      [
        `${sources.file ?? 'the configuration'} upstreams: found push: ${pushed.push ?? ''} of "${pushed.name}" without auth, allowed with auth.users: without it nobody can push`,
      ],
      sources.file ?? 'the configuration',
    );
  }
  const unusable = upstreams.find((upstream) => upstream.private === true && file.auth === undefined);
  if (unusable !== undefined) {
    throw invalid(
      [
        `${sources.file ?? 'the configuration'} upstreams: found private: true of "${unusable.name}" without auth, allowed with auth.users: without it nobody can log in`,
      ],
      sources.file ?? 'the configuration',
    );
  }
  const { register } = file.webhook;
  const name = sources.file ?? 'the configuration';
  const wrongFeeds = feedProblems(file.advisories, name);
  if (wrongFeeds.length > 0) throw invalid(wrongFeeds, name);
  if (register !== undefined && file.listen.webhook === 'off') {
    throw invalid(
      [`${name} webhook.register: found with listen.webhook "off", allowed where it listens`],
      name,
    );
  }
  const harborAdapterAt = buildListen(file.listen.harborAdapter);
  const gatesAt = buildListen(file.listen.gates);
  const data = sources.data ?? (file.data === undefined ? defaultData : at(file.data));
  const tls = buildWebhookTls(file.webhook, at);
  const url = (place: string): string => (/^(?:https?|oci):\/\//.test(place) ? place : at(place));
  return {
    data: resolve(data),
    listen: {
      registry: buildListen(file.listen.registry),
      management: buildListen(file.listen.management),
      webhook: buildListen(file.listen.webhook),
      harborAdapter: harborAdapterAt,
      gates: gatesAt,
      bound: buildBound(file.listen.bound, upstreams, buildListen, name),
      registryTls: buildTls(file.listen.registryTls, at),
      trustedProxies: file.listen.trustedProxies,
    },
    publicNames: file.publicNames,
    upstreams,
    tagTimes: new Map(file.upstreams?.map((upstream) => [upstream.name, buildTagTimes(upstream)]) ?? []),
    hosted: { ...buildHosted(file.hosted), isImmutable: immutableTags(file.hosted.immutableTags) },
    prefetch: buildPrefetch(file.prefetch, { upstreams, publicNames: file.publicNames }, name),
    proxies,
    platforms: file.platforms.flatMap((text) => parsePlatform(text) ?? []),
    policyFile: file.policy === undefined ? null : isReady(file.policy) ? file.policy : at(file.policy),
    cluster: file.cluster ?? null,
    teamLabel: file.teamLabel,
    advisories: {
      from: file.advisories.from === undefined ? null : url(file.advisories.from),
      kev: file.advisories.kev === undefined ? null : url(file.advisories.kev),
      schedule: file.advisories.schedule ?? null,
      native: file.advisories.native ?? null,
      named: file.advisories.with,
      without: file.advisories.without,
      jitter: file.advisories.jitter === 'off' ? 0 : milliseconds(file.advisories.jitter),
      keep: file.advisories.keep,
      rematch: file.advisories.rematch ?? null,
    },
    hold: milliseconds(file.gate.hold),
    dockerHold: milliseconds(file.gate.dockerHold),
    stopFallback: file.gate.stopFallback,
    webhook: {
      names: file.webhook.names,
      namespaces: buildNamespaces(file.webhook.kubeconfig, at),
      running: buildRunning(file.webhook.running, (kubeconfig) => kubeconfigAt(kubeconfig, at)),
      ...tls,
      imagePolicy: file.webhook.imagePolicy,
      gatekeeper: buildGatekeeper(file.webhook.gatekeeper, at),
      proxy: buildWebhookProxy(file.webhook.proxy, at),
      register:
        register === undefined
          ? null
          : {
              configuration: register.configuration,
              kubeconfig: register.kubeconfig === undefined ? null : at(register.kubeconfig),
            },
      kinds: buildKinds(file.webhook.kinds, name),
      mutate: buildMutate(
        file.webhook.mutate,
        file.webhook.proxy === undefined ? file.publicNames : null,
        name,
      ),
      breakGlass: buildBreakGlass(file.webhook.breakGlass, tls.clients, {
        at,
        secret: (setting, source) => readSecret(setting, source, sources, at),
        invalid: (setting, problem) => invalid([`${name} ${setting}: ${problem}`], name),
      }),
    },
    auth: buildAuth(file.auth, at),
    gates: buildGates(file.gates, gatesAt?.host ?? null, {
      at,
      secret: (setting, variable) => readSecret(setting, { file: undefined, env: variable }, sources, at),
      invalid: (setting, problem) => invalid([`${name} ${setting}: ${problem}`], name),
    }),
    cache: buildCache(file.cache),
    harborAdapter: buildHarborAdapter(
      file.harborAdapter,
      harborAdapterAt?.host ?? null,
      {
        file: (path) => readText(at(path)),
        secret: (setting, source) => readSecret(setting, source, sources, at),
      },
      (key, problem) => invalid([`${name} ${key}: ${problem}`], name),
    ),
    scanner: buildScanner(
      file.scanner,
      {
        file: (path) => readText(at(path)),
        secret: (setting, source) => readSecret(setting, source, sources, at),
      },
      (key, problem) => invalid([`${name} ${key}: ${problem}`], name),
    ),
    events: buildEvents(
      file.events,
      {
        at,
        file: (path) => readText(at(path)),
        secret: (setting, source) => readSecret(setting, source, sources, at),
      },
      (key, problem) => invalid([`${name} ${key}: ${problem}`], name),
    ),
    limits: { ...file.limits, perPuller: buildPerPuller(file.limits.perPuller) },
    shutdownDelay: Number(file.shutdown.delay.slice(0, -1)) * 1000,
    logLevel: file.log.level,
    accessLog: file.log.access,
  };
}

function defaults(proxies: ProxySettings): UpstreamConfig[] {
  return defaultUpstreams.map(({ name, url }) => ({
    name,
    namespace: name,
    url,
    credentials: null,
    proxies,
  }));
}

/** @throws PratiqueError `config-invalid` */
function readProxies({ env }: ConfigSources): ProxySettings {
  try {
    return proxiesOf(env);
  } catch (error) {
    throw invalid([`the environment: ${errorText(error)}`], 'the environment');
  }
}

function buildTls(
  tls: ConfigFile['listen']['registryTls'],
  at: (path: string) => string,
): Config['listen']['registryTls'] {
  return tls === undefined ? null : { certificate: at(tls.certificate), key: at(tls.key) };
}

function buildAuth(auth: ConfigFile['auth'], at: (path: string) => string): AuthSettings | null {
  if (auth === undefined) return null;
  return {
    users: at(auth.users),
    anonymousPull: auth.anonymousPull ?? true,
    realm: auth.realm ?? null,
    service: auth.service,
    access: auth.access ?? null,
  };
}

function buildNamespaces(
  kubeconfig: string | undefined,
  at: (path: string) => string,
): Config['webhook']['namespaces'] {
  if (kubeconfig === undefined) return null;
  return { file: kubeconfigAt(kubeconfig, at) };
}

/** null: from the environment. */
function kubeconfigAt(kubeconfig: string, at: (path: string) => string): string | null {
  return kubeconfig === inCluster ? null : at(kubeconfig);
}

function readSecret(
  setting: string,
  source: { readonly file: string | undefined; readonly env: string | undefined },
  sources: ConfigSources,
  at: (path: string) => string,
): string {
  if (source.file !== undefined) {
    const file = at(source.file);
    const secret = readText(file).trimEnd();
    if (secret !== '') return secret;
    throw new PratiqueError(
      'config-invalid',
      `${sources.file ?? 'the configuration'} ${setting}: the file ${file} has no secret in it`,
      { setting, file },
    );
  }
  const variable = source.env ?? '';
  const secret = sources.env[variable];
  if (secret !== undefined && secret !== '') return secret;
  throw new PratiqueError(
    'config-invalid',
    `${sources.file ?? 'the configuration'} ${setting}: the environment variable ${variable} is not set`,
    { setting, variable },
  );
}

/** The word for a kubeconfig that is no file but what surrounds the process. */
const inCluster = 'in-cluster';

/** Two upstreams with one name or namespace would give one image two meanings. */
function refuseDoubles(upstreams: readonly UpstreamConfig[], fileName: string): void {
  for (const field of ['name', 'namespace'] as const) {
    const values = upstreams.map((upstream) => upstream[field]);
    const double = values.find((value, index) => values.indexOf(value) !== index);
    if (double !== undefined) {
      throw invalid([`${fileName} upstreams: found the ${field} "${double}" twice, allowed once`], fileName);
    }
  }
}

function buildListen(text: string): Listen | null {
  if (text === 'off') return null;
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? Number(text.slice(0, -1)) * 1000;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PratiqueError('config-invalid', `${path} cannot be read: ${errorText(error)}`, { path }, error);
  }
}

function invalid(problems: readonly string[], fileName: string): PratiqueError {
  return new PratiqueError('config-invalid', problems.join('\n'), {
    file: fileName,
    problems: problems.length,
  });
}
