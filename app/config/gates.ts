import type { PratiqueError } from '../../core/errors.ts';
import type { TlsFiles } from '../tls-files.ts';
import type { GatesFile } from './gates-schema.ts';
import { isLoopback } from './loopback.ts';

/** Where the token of a cluster is: in a file that is read again when it changes, or it is this one. */
export type TokenSource =
  | { readonly cluster: string; readonly file: string }
  | { readonly cluster: string; readonly secret: string };

/** How gates that run on their own show who they are, and what they are shown. */
export interface GatesConfig {
  readonly tokens: readonly TokenSource[];
  /** PEM file; null: client certificates are not asked for. */
  readonly clientCa: string | null;
  readonly required: 'either' | 'both';
  /** `off`: plain HTTP, on loopback alone; null: a certificate of our own. */
  readonly tls: TlsFiles | 'off' | null;
  /** Of that certificate, beside those that every one has. */
  readonly names: readonly string[];
}

export function buildGates(
  file: GatesFile,
  host: string | null,
  places: {
    readonly at: (path: string) => string;
    readonly secret: (setting: string, variable: string) => string;
    readonly invalid: (setting: string, problem: string) => PratiqueError;
  },
): GatesConfig {
  const { tokens, clientCa, tls } = file;
  const built: GatesConfig = {
    tokens: tokens.map(({ cluster, tokenFile, tokenEnv }, index): TokenSource => {
      if (tokenFile !== undefined) return { cluster, file: places.at(tokenFile) };
      const setting = `gates.tokens[${index}].tokenEnv`;
      const secret = places.secret(setting, tokenEnv ?? '');
      const problem = tokenProblem(secret);
      if (problem !== null) throw places.invalid(setting, `the token ${problem}`);
      return { cluster, secret };
    }),
    clientCa: clientCa === undefined ? null : places.at(clientCa),
    required: file.require,
    tls:
      tls === undefined || tls === 'off'
        ? (tls ?? null)
        : { certificate: places.at(tls.certificate), key: places.at(tls.key) },
    names: file.names,
  };
  if (host === null) return built;
  if (tokens.length === 0 && clientCa === undefined) {
    throw places.invalid(
      'gates',
      'found listen.gates without gates.tokens and gates.clientCa, allowed with one of them: nobody could show who he is',
    );
  }
  if (file.require === 'both' && (tokens.length === 0 || clientCa === undefined)) {
    throw places.invalid('gates.require', 'found both, allowed with gates.tokens and gates.clientCa');
  }
  if (tls === 'off' && !isLoopback(host)) {
    throw places.invalid(
      'gates.tls',
      `found off with listen.gates ${host}, allowed on loopback alone: tokens and verdicts would go over the network unprotected`,
    );
  }
  if (tls === 'off' && clientCa !== undefined) {
    throw places.invalid(
      'gates.clientCa',
      'found with gates.tls off, allowed with TLS: there are no client certificates without it',
    );
  }
  return built;
}

const shortest = 32;
const longest = 4096;

/** Why something is no token; null: it is one. */
export function tokenProblem(text: string): string | null {
  if (text.length < shortest) return `has ${text.length} characters, and needs at least ${shortest}`;
  if (text.length > longest) return `has more than ${longest} characters`;
  return /^[\x21-\x7e]+$/.test(text) ? null : 'has characters that no HTTP header can carry';
}
