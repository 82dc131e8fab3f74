import type { z } from 'zod';
import { errorText } from '../../core/errors.ts';
import { noProxies, onlyProxy, type ProxySettings } from '../../core/http-proxy.ts';
import { parsePlatform } from '../../core/platform.ts';
import { canonicalHost } from '../../core/reference.ts';
import { parseDuration } from '../../policy/time.ts';
import type {
  Credentials,
  CredentialsFile,
  MirrorConfig,
  UpstreamConfig,
  UpstreamTimeouts,
} from '../../registry/upstream/config.ts';
import { readCredentials } from '../../registry/upstream/credentials.ts';
import type { upstreamSchema } from './upstreams-schema.ts';

export type UpstreamFile = z.infer<typeof upstreamSchema>;
type PlaceFile = Pick<
  NonNullable<UpstreamFile['mirrors']>[number],
  'url' | 'credentials' | 'ca' | 'certificate' | 'key' | 'realms' | 'privateHosts' | 'proxy'
>;

/** What surrounds the file. */
export interface UpstreamGround {
  readonly at: (path: string) => string;
  /** @throws PratiqueError `config-invalid` */
  readonly text: (path: string) => string;
  /** @throws PratiqueError `config-invalid` */
  readonly secret: (setting: string, source: { file: string | undefined; env: string | undefined }) => string;
  /** What the environment says. */
  readonly proxies: ProxySettings;
  /** Whether people can be known here. */
  readonly hasUsers: boolean;
  readonly invalid: (setting: string, problem: string) => Error;
}

/**
 * An upstream as the program uses it.
 * @throws PratiqueError `config-invalid`
 */
export function buildUpstream(file: UpstreamFile, ground: UpstreamGround): UpstreamConfig {
  const { name, repositories, platforms, mirrors = [], limits: { leastPace, ...limits } = {} } = file;
  const namespace = file.namespace ?? new URL(file.url).host;
  const setting = `upstream ${name}`;
  const placed = buildPlace(file, setting, canonicalHost(namespace) ?? namespace, ground);
  const built = mirrors.map((mirror, index): MirrorConfig => {
    const { host } = new URL(mirror.url);
    const place = buildPlace(mirror, `${setting} mirrors[${index}]`, canonicalHost(host) ?? host, ground);
    return { ...place, tags: mirror.tags };
  });
  const double = [file, ...mirrors].map(({ url }) => new URL(url).origin);
  const twice = double.find((origin, index) => double.indexOf(origin) !== index);
  if (twice !== undefined) {
    throw ground.invalid(`${setting} mirrors`, `found ${twice} twice, allowed once among its addresses`);
  }
  return {
    name,
    namespace,
    push: file.push,
    ...placed,
    // Whose credentials open something, opens it to those who are known (ADR 0027).
    private: file.private ?? (ground.hasUsers && [placed, ...built].some(opensSomething)),
    ...(platforms === undefined ? {} : { platforms: platforms.flatMap((text) => parsePlatform(text) ?? []) }),
    ...(repositories === undefined ? {} : { repositories }),
    ...(leastPace === undefined ? {} : { leastPace }),
    ...(Object.values(limits).every((limit) => limit === undefined) ? {} : { limits: given(limits) }),
    ...(file.timeouts === undefined ? {} : { timeouts: buildTimeouts(file.timeouts) }),
    ...(built.length === 0 ? {} : { mirrors: built }),
  };
}

function opensSomething({
  credentials,
  clientCertificate,
}: Pick<UpstreamConfig, 'credentials' | 'clientCertificate'>): boolean {
  return credentials !== null || clientCertificate !== undefined;
}

function buildPlace(
  file: PlaceFile,
  setting: string,
  registry: string,
  ground: UpstreamGround,
): Omit<MirrorConfig, 'tags'> {
  const { ca, certificate, key, realms, privateHosts, proxy } = file;
  const { at, text } = ground;
  return {
    url: file.url,
    credentials: buildCredentials(file.credentials, setting, registry, ground),
    ...(ca === undefined ? {} : { ca: text(at(ca)) }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { clientCertificate: { cert: text(at(certificate)), key: text(at(key)) } }),
    ...(realms === undefined ? {} : { realms }),
    ...(privateHosts === undefined ? {} : { privateHosts }),
    proxies: proxy === undefined ? ground.proxies : proxy === 'off' ? noProxies : onlyProxy(proxy),
  };
}

function buildCredentials(
  file: PlaceFile['credentials'],
  setting: string,
  registry: string,
  { at, secret, invalid }: UpstreamGround,
): Credentials | null {
  if (file === undefined) return null;
  const { username, passwordFile, passwordEnv, tokenFile, tokenEnv, dockerConfig } = file;
  if (passwordEnv !== undefined && username !== undefined) {
    return { username, password: secret(setting, { file: undefined, env: passwordEnv }) };
  }
  if (tokenEnv !== undefined) {
    const bearer = secret(setting, { file: undefined, env: tokenEnv });
    if (!/^[\x21-\x7e]+$/.test(bearer)) {
      throw invalid(setting, `the environment variable ${tokenEnv} is not one token without spaces`);
    }
    return { bearer };
  }
  const source = ((): CredentialsFile | null => {
    if (passwordFile !== undefined && username !== undefined) {
      return { file: at(passwordFile), holds: { kind: 'password', username } };
    }
    if (tokenFile !== undefined) return { file: at(tokenFile), holds: { kind: 'token' } };
    if (file.file !== undefined) return { file: at(file.file), holds: { kind: 'pair' } };
    if (dockerConfig === undefined) return null;
    return { file: at(dockerConfig), holds: { kind: 'docker', registry } };
  })();
  if (source === null) throw new Error(`the credentials of ${setting} have no source`);
  // Read here too, so that a mistake shows at the start.
  try {
    readCredentials(source);
  } catch (error) {
    throw invalid(setting, errorText(error));
  }
  return source;
}

function buildTimeouts(file: NonNullable<UpstreamFile['timeouts']>): Partial<UpstreamTimeouts> {
  const timeouts: { -readonly [Key in keyof UpstreamTimeouts]?: number } = {};
  for (const key of ['connect', 'headers', 'idle', 'manifest', 'blob'] as const) {
    const text = file[key];
    if (text !== undefined) timeouts[key] = parseDuration(text) ?? Number(text.slice(0, -1)) * 1000;
  }
  return timeouts;
}

function given(limits: {
  readonly concurrency?: number | undefined;
  readonly requestsPerSecond?: number | undefined;
}): NonNullable<UpstreamConfig['limits']> {
  const { concurrency, requestsPerSecond } = limits;
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
  };
}
