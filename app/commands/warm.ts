import { setTimeout as pause } from 'node:timers/promises';
import { PratiqueError } from '../../core/errors.ts';
import { type Platform, parsePlatform } from '../../core/platform.ts';
import { parseDuration } from '../../policy/time.ts';
import { createUpstreamClient, type UpstreamConfig } from '../../registry/upstream/client.ts';
import { createSemaphore } from '../../vetting/semaphore.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { readCertificate, readSecret } from '../harbor/connection.ts';
import { readImageName } from '../image-names.ts';
import { formatListen } from '../listen.ts';
import { warmJson, warmTable } from '../report/warm-report.ts';
import { platformsBy } from '../upstreams.ts';
import { addressingOf } from './names.ts';
import { createProgress } from './progress.ts';
import { type Warmed, type WarmStatus, warmImage, warmStatuses } from './warm-image.ts';

export interface WarmOptions {
  readonly images: readonly string[];
  /** null: `listen.registry` of the configuration. */
  readonly registry: string | null;
  /** PEM file. */
  readonly ca: string | null;
  readonly user: string | null;
  readonly passwordFile: string | null;
  readonly passwordEnv: string | null;
  /** Empty: those of the configuration. */
  readonly platforms: readonly string[];
  readonly wait: string;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/** Images asked for at the same time; the server has limits of its own. */
const atOnce = 4;
const mostImages = 1000;
/** Milliseconds. */
const longestWait = 24 * 3_600_000;

const codes: Record<WarmStatus, number> = {
  refused: exitCodes.fail,
  error: exitCodes.undecided,
  pending: exitCodes.undecided,
  allowed: exitCodes.ok,
};

/**
 * `pratique warm`: has a running server fetch and vet images before anyone asks, as a client of its registry port.
 * @returns the exit code: 0 where all are let through, else 1 where one is refused, else 3
 * @throws PratiqueError `usage-invalid`, `reference-invalid`, `config-invalid`
 */
export async function warm(options: WarmOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const images = imagesOf(options.images, config);
  const own = options.platforms.map(readPlatform);
  const wait = readWait(options.wait);
  const upstream = serverOf(options, config, wait);
  const client = createUpstreamClient(upstream);
  const platforms = platformsBy(config.upstreams, config.platforms);
  const deadline = performance.now() + wait;
  const progress = createProgress(console, Date.now);
  const enter = createSemaphore(atOnce, images.length);
  let done = 0;
  try {
    const warmed = await Promise.all(
      images.map((image) =>
        enter(async (): Promise<Warmed> => {
          const show = (text: string): void => progress.show(`${done} of ${images.length}; ${text}`);
          show(image.name);
          const ended = await warmImage(image, {
            client,
            registry: upstream.url,
            platforms: own.length > 0 ? own : platforms(image.address),
            deadline,
            now: () => performance.now(),
            pause: (milliseconds) => pause(milliseconds),
            show,
          });
          done += 1;
          return ended;
        }),
      ),
    );
    progress.clear();
    console.out(
      options.format === 'json' ? JSON.stringify(warmJson(upstream.url, warmed), null, 2) : warmTable(warmed),
    );
    const worst = warmStatuses.find((status) => warmed.some((one) => one.status === status));
    return codes[worst ?? 'error'];
  } finally {
    progress.clear();
    await client.close();
  }
}

/** @throws PratiqueError `usage-invalid`, `reference-invalid` */
function imagesOf(texts: readonly string[], config: Config): ReturnType<typeof readImageName>[] {
  if (texts.length > mostImages) throw usage(`found ${texts.length} images, allowed at most ${mostImages}`);
  const addressing = addressingOf(config);
  const named = texts.map((text) => {
    try {
      return readImageName(text, addressing);
    } catch (error) {
      if (error instanceof PratiqueError && error.code === 'registry-unknown') throw usage(error.message);
      throw error;
    }
  });
  return [...new Map(named.map((image) => [image.name, image])).values()];
}

function serverOf(options: WarmOptions, config: Config, wait: number): UpstreamConfig {
  const url = originOf(options.registry ?? placeOf(config));
  const { host, protocol } = new URL(url);
  if (options.ca !== null && protocol !== 'https:') {
    throw usage(`--ca goes with an https:// address, and the registry is ${url}`);
  }
  const { user, passwordFile, passwordEnv } = options;
  if (user === null && (passwordFile !== null || passwordEnv !== null)) {
    throw usage('a password goes with --user NAME');
  }
  const secret = { flag: '--password', file: passwordFile, variable: passwordEnv };
  return {
    name: host,
    namespace: host,
    url,
    credentials: user === null ? null : { username: user, password: readSecret(secret, options.sources.env) },
    ...(options.ca === null ? {} : { ca: readCertificate(options.ca) }),
    proxies: config.proxies,
    // The server holds a request until there is a verdict; how long that may take is what --wait says.
    timeouts: { headers: wait + 1000, manifest: wait + 1000 },
  };
}

/** Where this machine's own clients reach the port. */
function placeOf({ listen }: Config): string {
  const { registry, registryTls } = listen;
  if (registry === null || registry.port === 0) {
    throw usage('listen.registry does not say where the server is: give --registry URL');
  }
  const anywhere = { '0.0.0.0': '127.0.0.1', '::': '::1' }[registry.host];
  const at = formatListen({ ...registry, host: anywhere ?? registry.host });
  return `${registryTls === null ? 'http' : 'https'}://${at}`;
}

function originOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:\/\/[A-Za-z0-9.:[\]-]+\/?$/.test(text)) {
    throw usage(
      `--registry: found "${text.slice(0, 200)}", allowed an address such as http://127.0.0.1:5000`,
    );
  }
  return new URL(text).origin;
}

function readWait(text: string): number {
  const time = /^[1-9][0-9]{0,4}s$/.test(text) ? Number(text.slice(0, -1)) * 1000 : parseDuration(text);
  if (time !== null && time > 0 && time <= longestWait) return time;
  throw usage(`--wait: found "${text.slice(0, 50)}", allowed a time such as 90s or 10m, at most a day`);
}

function readPlatform(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform !== null) return platform;
  throw usage(
    `--platform: found "${text.slice(0, 50)}", allowed os/architecture or os/architecture/variant, such as linux/arm64`,
  );
}

function usage(message: string): PratiqueError {
  return new PratiqueError('usage-invalid', message);
}
