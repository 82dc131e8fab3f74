/** Where Trivy is. `server`: origin of one that holds the advisories; null: it has its own. */
export interface TrivySettings {
  readonly command: string;
  readonly server: string | null;
  /** Secret. */
  readonly serverToken: string | null;
}

export interface GrypeSettings {
  readonly command: string;
}

/** How the scanner of an adapter is asked. Secret. */
export type HarborLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly key: string };

export interface HarborSettings {
  /** Everything before `/api/v1`, without a slash at the end. */
  readonly url: string;
  readonly login: HarborLogin;
  /** PEM of an authority to trust beside the public ones. */
  readonly ca: string | null;
}
