import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { formatListen } from '../listen.ts';
import { nodeFiles } from '../node-config/make.ts';
import type { NodeKind } from '../node-config/node-file.ts';

export interface NodeConfigOptions {
  readonly kind: NodeKind;
  /** Where nodes reach the registry port; null: the first of `publicNames`, else `listen.registry`. */
  readonly proxy: string | null;
  /** PEM file. */
  readonly ca: string | null;
  /** Names of upstreams; empty: all. */
  readonly upstreams: readonly string[];
  /** Folder to write into; null: printed. */
  readonly out: string | null;
  readonly sources: ConfigSources;
}

/**
 * `pratique node-config`: the files that make nodes pull through the proxy, with the reasons.
 * @throws PratiqueError `usage-invalid`, `config-invalid`
 */
export function nodeConfig(options: NodeConfigOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const speaksTls = options.ca !== null || config.listen.registryTls !== null;
  const proxy = originOf(options.proxy ?? placeOf(config), speaksTls ? 'https' : 'http', options.ca !== null);
  if (['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::]'].includes(new URL(proxy).hostname)) {
    console.err(
      `note: ${proxy} is reached from this machine alone; give --proxy, or publicNames in the configuration`,
    );
  }
  if (config.listen.registryTls !== null && proxy.startsWith('http:')) {
    console.err(
      `note: the registry port speaks TLS (listen.registryTls), and ${proxy} does not: give an https:// address unless something stands before it`,
    );
  }
  const files = nodeFiles(options.kind, {
    proxy,
    ca: options.ca === null ? null : read(options.ca),
    upstreams: chosen(config, options.upstreams),
  });
  for (const { path, text } of files) {
    if (options.out === null) {
      console.out(`### ${path}\n${text}`);
      continue;
    }
    const target = join(options.out, path);
    write(target, text);
    console.out(target);
  }
  return Promise.resolve(exitCodes.ok);
}

function placeOf(config: Config): string {
  const [name] = config.publicNames;
  if (name !== undefined) return name;
  if (config.listen.registry !== null) return formatListen(config.listen.registry);
  throw new PratiqueError(
    'usage-invalid',
    'listen.registry is off and there are no publicNames: give --proxy URL',
  );
}

/** @param scheme of an address that has none */
function originOf(text: string, scheme: 'http' | 'https', withCa: boolean): string {
  const url = /^https?:\/\//.test(text) ? text : `${scheme}://${text}`;
  if (!URL.canParse(url) || !/^https?:\/\/[A-Za-z0-9.:[\]-]+\/?$/.test(url)) {
    throw new PratiqueError(
      'usage-invalid',
      `--proxy: found "${text}", allowed an address such as https://pratique.corp.example:5000`,
    );
  }
  if (withCa && url.startsWith('http:')) {
    throw new PratiqueError('usage-invalid', `--ca goes with an https:// address, and --proxy is ${url}`);
  }
  return new URL(url).origin;
}

function chosen(config: Config, names: readonly string[]): Config['upstreams'] {
  if (names.length === 0) return config.upstreams;
  return names.map((name) => {
    const upstream = config.upstreams.find((one) => one.name === name);
    if (upstream !== undefined) return upstream;
    const known = config.upstreams.map((one) => one.name).join(', ');
    throw new PratiqueError('usage-invalid', `--upstream: found "${name}", allowed ${known}`);
  });
}

function read(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PratiqueError(
      'usage-invalid',
      `--ca: ${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new PratiqueError('usage-invalid', `--ca: ${file} holds no certificate in PEM`, { file });
}

function write(target: string, text: string): void {
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  } catch (error) {
    throw new PratiqueError(
      'usage-invalid',
      `--out: ${target} cannot be written: ${errorText(error)}`,
      {},
      error,
    );
  }
}
