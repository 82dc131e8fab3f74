import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessToken } from '../../core/ports/access-tokens.ts';
import type { Action } from './access.ts';
import { compileRights } from './rights.ts';

/** An access token that is in force. */
export interface KnownToken extends Pick<AccessToken, 'id' | 'name' | 'user' | 'endsAt'> {
  /** What the token itself allows; its user may be allowed less. */
  may(action: Action, name: string): boolean;
}

/** The access tokens in force at this moment. `closed`: they cannot be known. */
export interface KnownTokens {
  byId(id: string): KnownToken | null | 'closed';
  /** The token whose secret this is; null: of none that is in force. */
  bySecret(secret: string): KnownToken | null | 'closed';
}

/** A secret begins so, and thus is never taken for a password (which it would be hashed as, and slowly). */
const secretPattern = /^prq_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export function isSecret(password: string): boolean {
  return password.startsWith('prq_');
}

/** @param random 32 bytes, of which nobody else knows anything */
export function secretOf(id: string, random: Uint8Array): string {
  return `prq_${id}_${Buffer.from(random).toString('base64url')}`;
}

/** A fast hash is enough: of 256 random bits none can be guessed, however fast one tries. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/**
 * @param list those that were in force when somebody looked last; null: nobody could look, so none is
 * @param now milliseconds since 1970
 */
export function createKnownTokens(list: () => readonly AccessToken[] | null, now: () => number): KnownTokens {
  let seen: readonly AccessToken[] | null = null;
  let byId = new Map<string, KnownToken & { readonly hash: string }>();
  const find = (id: string) => {
    const current = list();
    if (current === null) return 'closed';
    if (current !== seen) {
      byId = new Map(current.map((token) => [token.id, { ...token, may: compileRights(token.rights) }]));
      seen = current;
    }
    const token = byId.get(id) ?? null;
    return token === null || token.endsAt <= now() ? null : token;
  };
  return {
    byId: find,
    bySecret(secret) {
      const token = find(secretPattern.exec(secret)?.[1] ?? '');
      if (token === null || token === 'closed') return token;
      const fits = timingSafeEqual(Buffer.from(hashOfSecret(secret), 'hex'), Buffer.from(token.hash, 'hex'));
      return fits ? token : null;
    },
  };
}

/** Where no access tokens are kept. */
export const noTokens: KnownTokens = { byId: () => null, bySecret: () => null };
