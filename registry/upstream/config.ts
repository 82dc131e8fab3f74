import type { ProxySettings } from '../../core/http-proxy.ts';
import type { Platform } from '../../core/platform.ts';
import type { UpstreamLimits } from './limiter.ts';

/** Everything there is to know of an upstream. Plain data: worker threads make their own client of it. */
export interface UpstreamConfig {
  /** The path alias: `docker.io`, `corp`. */
  readonly name: string;
  /** The host that it stands for, with its port if it has one. */
  readonly namespace: string;
  /** Whether pushes go through to it; left out: off. `gate`: a manifest only after its verdict; `record`: at once. */
  readonly push?: 'off' | 'gate' | 'record';
  /** Nothing of it is handed to who did not log in, whatever `auth` says; left out: no. */
  readonly private?: boolean;
  /** Where its API answers: `https://registry-1.docker.io`. */
  readonly url: string;
  readonly credentials: Credentials | null;
  /** Realms that may have the credentials beside those of `mayHaveCredentials`: host, with its port if it has one. */
  readonly realms?: readonly string[];
  /**
   * A realm with this path (`/service/token`) is asked on the upstream's own origin, unless `realms` has its host:
   * a registry behind two addresses names the realm by the one that is not used here.
   */
  readonly ownRealmPath?: string;
  /** PEM of authorities to be trusted beside those that Node knows. */
  readonly ca?: string;
  /** PEM, shown to the upstream's own address alone. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** Hosts, with their port if they have one, that it may lead to although they are nearer than itself. */
  readonly privateHosts?: readonly string[];
  /** Left out: none. */
  readonly proxies?: ProxySettings;
  readonly timeouts?: Partial<UpstreamTimeouts>;
  /** Bytes per second; see `leastPace`. */
  readonly leastPace?: number;
  /** Of this process, whatever threads ask. */
  readonly limits?: UpstreamLimits;
  /** Repositories that may be asked for; left out: all. */
  readonly repositories?: RepositoryRules;
  /** Which platforms of its indexes have a say; left out: those of the whole configuration. */
  readonly platforms?: readonly Platform[];
  /** Other registries with the same content, in the order in which they are asked, before this one. */
  readonly mirrors?: readonly MirrorConfig[];
}

/** A registry that has the same repositories. */
export interface MirrorConfig
  extends Pick<
    UpstreamConfig,
    'url' | 'credentials' | 'realms' | 'ca' | 'clientCertificate' | 'privateHosts' | 'proxies'
  > {
  /** Whether it is asked what tags mean; else for content by digest alone (ADR 0024). */
  readonly tags: boolean;
}

/** Patterns of repositories' paths at the upstream. */
export interface RepositoryRules {
  /** Empty: all. */
  readonly allow: readonly string[];
  /** Outranks `allow`. */
  readonly deny: readonly string[];
}

export type Credentials = BasicCredentials | BearerCredentials | CredentialsFile;
export type PlainCredentials = BasicCredentials | BearerCredentials;

/** A file that is read again when it has changed, so that secrets can be rotated. */
export interface CredentialsFile {
  readonly file: string;
  /**
   * `password`, of this user; `pair`: `user:password`; `token`: a bearer token, sent as it is; `docker`: a `config.json`
   * with an entry for this registry.
   */
  readonly holds:
    | { readonly kind: 'password'; readonly username: string }
    | { readonly kind: 'pair' }
    | { readonly kind: 'token' }
    | { readonly kind: 'docker'; readonly registry: string };
}

/** Exchanged for a token where the upstream names a realm, else sent as Basic. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** A token that is sent as it is, to the upstream's own origin alone; no realm ever sees it. */
export interface BearerCredentials {
  readonly bearer: string;
}

/** Milliseconds. */
export interface UpstreamTimeouts {
  readonly connect: number;
  /** From the request to the head of the answer. */
  readonly headers: number;
  /** Longest silence within a body. */
  readonly idle: number;
  /** For a whole manifest, however slowly it drips. */
  readonly manifest: number;
  /** For which a blob may be waited for, however little comes; time in which nobody reads does not count. */
  readonly blob: number;
}

/** Bytes per second at which a blob has to come from then on, on average: who drips keeps others waiting. */
export const leastPace = 32 * 1024;

export const defaultTimeouts: UpstreamTimeouts = {
  connect: 10_000,
  headers: 30_000,
  idle: 60_000,
  manifest: 60_000,
  blob: 5 * 60_000,
};
