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
  readonly timeouts?: Partial<UpstreamTimeouts>;
}

export type Credentials = BasicCredentials | BearerCredentials;

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
