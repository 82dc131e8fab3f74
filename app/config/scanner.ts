import type { OtherScannerName } from '../../core/ports/scanner.ts';
import { parseDuration } from '../../policy/time.ts';
import type { ScanSettings } from '../../scanner/settings.ts';
import type { ScannersSettings } from '../../scanners/create.ts';
import { buildScanSettings } from './checks-schema.ts';
import type { ConfigReader } from './harbor-adapter.ts';
import { loginOf } from './login-schema.ts';
import { isLoopback } from './loopback.ts';
import type { ScannerFile } from './scanner-schema.ts';

/** How images are looked at, which scanner decides, and how others are reached. */
export interface ScannerConfig {
  /** How images are looked at, whoever decides. */
  readonly settings: ScanSettings;
  /** null: the built-in one. */
  readonly engine: OtherScannerName | null;
  /** Milliseconds, as the next. */
  readonly maxAge: number;
  readonly timeout: number;
  readonly pull: {
    readonly listen: { readonly host: string; readonly port: number };
    /** Where it is reached from elsewhere; null: where it listens. */
    readonly url: string | null;
  };
  readonly others: ScannersSettings;
}

/**
 * @param fault throws `config-invalid`; it is given the key, and what was found and what is allowed
 */
export function buildScanner(
  file: ScannerFile,
  read: ConfigReader,
  fault: (key: string, problem: string) => Error,
): ScannerConfig {
  const { engine, harbor, trivy, grype, covers, pull } = file;
  if (engine === 'harbor' && harbor === undefined) {
    throw fault(
      'scanner.harbor',
      "found nothing, allowed with engine harbor: the url of the scanner's adapter",
    );
  }
  if (engine === 'harbor' && covers.length === 0) {
    throw fault(
      'scanner.covers',
      'found nothing, allowed with engine harbor: what the scanner knows advisories of, such as [os, npm, pypi], because its reports do not tell clean from unseen',
    );
  }
  if (engine !== 'harbor' && covers.includes('os')) {
    throw fault('scanner.covers', `found os, allowed with engine harbor: reports of ${engine} tell it`);
  }
  const colon = pull.listen.lastIndexOf(':');
  const host = pull.listen.slice(0, colon).replace(/^\[|\]$/g, '');
  if (!isLoopback(host) && pull.url === undefined) {
    throw fault(
      'scanner.pull.url',
      `found nothing, allowed where scanner.pull.listen is on loopback: where scanners reach ${pull.listen}`,
    );
  }
  const secretOf = (
    setting: string,
    source: { readonly secretFile?: string | undefined; readonly secretEnv?: string | undefined },
  ): string => read.secret(setting, { file: source.secretFile, env: source.secretEnv });
  return {
    settings: buildScanSettings(file),
    engine: engine === 'builtin' ? null : engine,
    maxAge: parseDuration(file.maxAge) ?? 0,
    timeout: parseDuration(file.timeout) ?? 0,
    pull: {
      listen: { host, port: Number(pull.listen.slice(colon + 1)) },
      url: pull.url === undefined ? null : withoutSlash(pull.url),
    },
    others: {
      trivy: {
        command: trivy.command,
        server: trivy.server === undefined ? null : withoutSlash(trivy.server),
        serverToken: trivy.token === undefined ? null : secretOf('scanner.trivy.token', trivy.token),
      },
      grype: { command: grype.command },
      harbor:
        harbor === undefined
          ? null
          : {
              url: withoutSlash(harbor.url).replace(/\/api\/v1$/, ''),
              login: loginOf(harbor.auth, (source) => secretOf('scanner.harbor.auth', source)),
              ca: harbor.ca === undefined ? null : read.file(harbor.ca),
            },
      covers: {
        system: covers.includes('os'),
        types: covers.flatMap((one) => (one === 'os' ? [] : [one])),
      },
      concurrency: file.concurrency ?? null,
    },
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
