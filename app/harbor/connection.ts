import { readFileSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type ProxySettings, proxiesOf } from '../../core/http-proxy.ts';
import type { HarborConnection } from './client.ts';

/** How a command line names a Harbor and who asks it. The password itself never stands on a command line. */
export interface ConnectionOptions {
  readonly url: string;
  readonly username: string;
  readonly passwordFile: string | null;
  readonly passwordEnv: string | null;
  /** PEM file. */
  readonly ca: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws PratiqueError `usage-invalid` */
export function connectionOf(options: ConnectionOptions, env: Environment): HarborConnection {
  return {
    url: parseHarborUrl(options.url),
    username: options.username,
    password: readSecret(
      { flag: '--password', file: options.passwordFile, variable: options.passwordEnv },
      env,
    ),
    ca: options.ca === null ? null : readCertificate(options.ca),
    proxies: readProxies(env),
  };
}

function readProxies(env: Environment): ProxySettings {
  try {
    return proxiesOf(env);
  } catch (error) {
    throw new PratiqueError('usage-invalid', `the environment: ${errorText(error)}`, {}, error);
  }
}

/** @throws PratiqueError `usage-invalid` */
export function parseHarborUrl(text: string): string {
  const invalid = (allowed: string): PratiqueError =>
    new PratiqueError('usage-invalid', `--url: found "${withoutSecret(text)}", allowed ${allowed}`);
  if (!URL.canParse(text)) throw invalid("Harbor's address, such as https://harbor.corp.example");
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw invalid('an address without credentials; use --username and --password-file');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid("Harbor's http:// or https:// address, such as https://harbor.corp.example");
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw invalid(`scheme, host and port alone: ${url.origin}`);
  return url.origin;
}

/** An address as it may be shown. */
export function withoutSecret(address: string): string {
  return address.replace(/\/\/.*@/, '//…@');
}

export interface SecretPlace {
  /** The beginning of both options, for sentences: `--password`. */
  readonly flag: string;
  readonly file: string | null;
  readonly variable: string | null;
}

/**
 * White space at the end of a file is dropped.
 * @throws PratiqueError `usage-invalid`
 */
export function readSecret({ flag, file, variable }: SecretPlace, env: Environment): string {
  const invalid = (message: string, cause?: unknown): PratiqueError =>
    new PratiqueError('usage-invalid', message, {}, cause);
  if ((file === null) === (variable === null))
    throw invalid(`give exactly one of ${flag}-file FILE and ${flag}-env VARIABLE`);
  if (variable !== null) {
    const value = env[variable];
    if (value === undefined || value === '')
      throw invalid(`${flag}-env: the environment variable ${variable} is not set`);
    return value;
  }
  try {
    const secret = readFileSync(file ?? '', 'utf8').trimEnd();
    if (secret !== '') return secret;
  } catch (error) {
    throw invalid(`${flag}-file: ${file} cannot be read: ${errorText(error)}`, error);
  }
  throw invalid(`${flag}-file: ${file} is empty`);
}

/** @throws PratiqueError `usage-invalid` */
export function readCertificate(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PratiqueError('usage-invalid', `--ca: ${file} cannot be read: ${errorText(error)}`, {}, error);
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new PratiqueError(
    'usage-invalid',
    `--ca: ${file} holds no PEM certificate (-----BEGIN CERTIFICATE-----)`,
  );
}
