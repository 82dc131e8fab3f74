import type { AdapterAuthentication } from '../../harbor-adapter/authentication.ts';
import type { UnclearedRule } from '../../harbor-adapter/not-cleared.ts';
import { parseDuration } from '../../policy/time.ts';
import type { ScanRegistries } from '../../vetting/scan-upstream.ts';
import type { HarborAdapterFile } from './harbor-adapter-schema.ts';
import { loginOf } from './login-schema.ts';
import { isLoopback } from './loopback.ts';

/** Harbor's scanner adapter, where it listens at all. */
export interface HarborAdapterConfig {
  readonly auth: AdapterAuthentication;
  /** PEM; null: plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly sbom: boolean;
  readonly uncovered: UnclearedRule;
  /** How Harbor is to hand over the rights to pull an image. */
  readonly registryAuthorization: 'Basic' | 'Bearer';
  /** Milliseconds from a request to its failure. */
  readonly deadline: number;
  /** Scans at a time. */
  readonly concurrency: number;
  readonly registries: ScanRegistries;
}

/** How files and secrets that a configuration names are read. */
export interface ConfigReader {
  readonly file: (path: string) => string;
  readonly secret: (
    setting: string,
    source: { readonly file: string | undefined; readonly env: string | undefined },
  ) => string;
}

/**
 * @param host where it listens
 * @param fault throws `config-invalid`; it is given the key, and what was found and what is allowed
 */
export function buildHarborAdapter(
  file: HarborAdapterFile,
  host: string | null,
  read: ConfigReader,
  fault: (key: string, problem: string) => Error,
): HarborAdapterConfig {
  const open = host !== null && !isLoopback(host);
  if (open && file.auth === undefined) {
    throw fault(
      'harborAdapter.auth',
      `found nothing, allowed where listen.harborAdapter is on loopback: write how Harbor is to log in, or "none"`,
    );
  }
  if (open && file.registries === undefined) {
    throw fault(
      'harborAdapter.registries',
      'found nothing, allowed where listen.harborAdapter is on loopback: write the hosts whose images may be scanned, such as [harbor.corp.example]',
    );
  }
  return {
    auth: loginOf(file.auth ?? 'none', ({ secretFile, secretEnv }) =>
      read.secret('harborAdapter.auth', { file: secretFile, env: secretEnv }),
    ),
    tls:
      file.tls === undefined
        ? null
        : { certificate: read.file(file.tls.certificate), key: read.file(file.tls.key) },
    sbom: file.sbom,
    uncovered: file.uncovered,
    registryAuthorization: file.registryAuthorization === 'basic' ? 'Basic' : 'Bearer',
    deadline: parseDuration(file.deadline) ?? 0,
    concurrency: file.concurrency,
    registries: {
      hosts: file.registries ?? null,
      ca: file.ca === undefined ? null : read.file(file.ca),
      names: new Map(Object.entries(file.names)),
      realms: file.realms ?? [],
    },
  };
}
