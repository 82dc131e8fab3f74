/** Everything there is to know of an upstream. Plain data: worker threads make their own client of it. */
export interface UpstreamConfig {
  /** The path alias: `docker.io`, `corp`. */
  readonly name: string;
  /** The host that it stands for, with its port if it has one. */
  readonly namespace: string;
  /** Where its API answers: `https://registry-1.docker.io`. */
  readonly url: string;
  readonly credentials: Credentials | null;
  /** PEM of authorities to be trusted beside those that Node knows. */
  readonly ca?: string;
  readonly timeouts?: Partial<UpstreamTimeouts>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
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
}

export const defaultTimeouts: UpstreamTimeouts = {
  connect: 10_000,
  headers: 30_000,
  idle: 60_000,
  manifest: 60_000,
};
