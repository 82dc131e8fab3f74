import { PratiqueError } from '../core/errors.ts';
import type { AccessToken, AccessTokenStore } from '../core/ports/access-tokens.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `AccessTokenStore`, answered at once. */
export type SyncAccessTokens = Sync<AccessTokenStore>;

/** Tokens in force at a time. */
export const mostTokens = 10_000;

interface Row {
  /** JSON of the token but for `revoked`. */
  readonly token: string;
  /** JSON of `revoked`; null: it is not. */
  readonly revoked: string | null;
}

/** What was given out. A row is never deleted, and nothing of it changes but that it is revoked. */
export function accessTokensOn(db: Sqlite): SyncAccessTokens {
  const sql = {
    all: db.prepare<[], Row>('SELECT token, revoked FROM access_token ORDER BY rowid'),
    holding: db.prepare<[number], Row>(
      'SELECT token, revoked FROM access_token WHERE revoked IS NULL AND ends_at > ? ORDER BY rowid',
    ),
    named: db.prepare<[string, string, number], { id: string }>(
      'SELECT id FROM access_token WHERE (id = ? OR name = ?) AND revoked IS NULL AND ends_at > ?',
    ),
    byName: db.prepare<[string, number], { id: string }>(
      'SELECT id FROM access_token WHERE name = ? AND revoked IS NULL AND ends_at > ?',
    ),
    count: db.prepare<[number], { rows: number }>(
      'SELECT count(*) AS rows FROM access_token WHERE revoked IS NULL AND ends_at > ?',
    ),
    add: db.prepare<[string, string, number, string]>(
      'INSERT INTO access_token (id, name, ends_at, token) VALUES (?, ?, ?, ?)',
    ),
    revoke: db.prepare<[string, string]>('UPDATE access_token SET revoked = ? WHERE id = ?'),
    version: db.prepare<[], { version: number }>(
      'SELECT count(*) + count(revoked) AS version FROM access_token',
    ),
  };
  const addAccessToken = db.transaction(({ revoked: _, ...token }: AccessToken): void => {
    const { id, name, endsAt, createdAt } = token;
    const at = Date.parse(createdAt);
    if (sql.byName.get(name, at) !== undefined) {
      const message = `a token named "${name}" is in force already: revoke it first, or take another name`;
      throw new PratiqueError('usage-invalid', message, { name });
    }
    if ((sql.count.get(at)?.rows ?? 0) >= mostTokens) {
      const message = `${mostTokens} access tokens are in force, and no more are given out: revoke some`;
      throw new PratiqueError('usage-invalid', message);
    }
    sql.add.run(id, name, endsAt, JSON.stringify(token));
  });
  const revokeAccessToken = db.transaction(
    (idOrName: string, by: string, reason: string, at: string): boolean => {
      const row = sql.named.get(idOrName, idOrName, Date.parse(at));
      if (row === undefined) return false;
      sql.revoke.run(JSON.stringify({ at, by, reason }), row.id);
      return true;
    },
  );
  return {
    listAccessTokens: (at) => {
      const rows = at === null ? sql.all.all() : sql.holding.all(Date.parse(at));
      return rows.map(tokenOf);
    },
    addAccessToken: (token) => addAccessToken.immediate(token),
    revokeAccessToken: (idOrName, by, reason, at) => revokeAccessToken.immediate(idOrName, by, reason, at),
    accessTokensVersion: () => sql.version.get()?.version ?? 0,
  };
}

/** What this program wrote. */
function tokenOf({ token, revoked }: Row): AccessToken {
  return {
    ...(JSON.parse(token) as Omit<AccessToken, 'revoked'>),
    revoked: revoked === null ? null : (JSON.parse(revoked) as AccessToken['revoked']),
  };
}
