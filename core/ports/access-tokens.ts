/** One right of an access token: an action, as rules name them, on repositories of a pattern. */
export interface TokenRight {
  readonly action: string;
  /** See `compilePattern` in proxy/auth. */
  readonly pattern: string;
}

/** What was given out for a program to log in with. The secret itself is kept nowhere. */
export interface AccessToken {
  /** Twelve hex digits; stands in the secret, so that it is found without trying all. */
  readonly id: string;
  /** What a client gives as its user name. Of all that are in force no two have one name. */
  readonly name: string;
  /** Whose it is: it never may more than he may. null: a robot's of its own. */
  readonly user: string | null;
  readonly rights: readonly TokenRight[];
  /** sha256 of the secret, hex. */
  readonly hash: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  readonly note: string;
  /** null: it was not revoked. */
  readonly revoked: { readonly at: string; readonly by: string; readonly reason: string } | null;
}

/** Access tokens, given out and revoked by another process than the one that serves. Durable when a call resolves. */
export interface AccessTokenStore {
  /** Those that have not ended at `at` (ISO 8601) and are not revoked; null: all that ever were. */
  listAccessTokens(at: string | null): Promise<readonly AccessToken[]>;
  /** @throws PratiqueError `usage-invalid` where one with its name is in force, or there are too many */
  addAccessToken(token: AccessToken): Promise<void>;
  /** False where there is none with this id or name in force at `at`. */
  revokeAccessToken(idOrName: string, by: string, reason: string, at: string): Promise<boolean>;
  /** Rises whenever one is given out or revoked, by this process or another. */
  accessTokensVersion(): Promise<number>;
}
