import { createHash, randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { actions } from './access.ts';
import type { RepositoryScope } from './scope.ts';

/** What a token says, signed here and read back. Names are canonical. */
export interface TokenContent {
  /** null: nobody logged in. */
  readonly user: string | null;
  /** `UserEntry.version` at the login; empty without a user. */
  readonly version: string;
  readonly grants: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

export interface Tokens {
  issue(
    holder: Pick<TokenContent, 'user' | 'version'>,
    access: readonly RepositoryScope[],
  ): Promise<IssuedToken>;
  /** null: not signed here, for another service, or not of this time. */
  verify(token: string): Promise<TokenContent | null>;
}

/** Seconds. */
const lifetime = 300;
/** Seconds that the clock may be set back without a token being taken for one of the future. */
const skew = 30;
const issuer = 'pratique';
const algorithm = 'HS256';
/** Tokens that were verified and need no second look. */
const mostRemembered = 5000;

const claims = z.object({
  sub: z.string(),
  ver: z.string(),
  exp: z.number(),
  nbf: z.number(),
  access: z.array(
    z.object({ type: z.literal('repository'), name: z.string(), actions: z.array(z.enum(actions)) }),
  ),
});

interface Remembered {
  readonly content: TokenContent;
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
}

/** Bearer tokens: JWT (RFC 7519) with HS256 and no other algorithm, whatever a token's header says. */
export function createTokens(options: {
  readonly key: Uint8Array;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): Tokens {
  const { key, service, now } = options;
  const remembered = new LRUCache<string, Remembered>({ max: mostRemembered });

  const read = async (token: string): Promise<Remembered | null> => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: 'JWT',
        issuer,
        audience: service,
        requiredClaims: ['sub', 'exp', 'nbf', 'iat', 'jti'],
        currentDate: new Date(now()),
      });
      const parsed = claims.safeParse(payload);
      // Signed here, by another version of this program.
      if (!parsed.success) return null;
      const { sub, ver, exp, nbf, access } = parsed.data;
      const grants = new Map(access.map(({ name, actions: granted }) => [name, new Set<string>(granted)]));
      const content = { user: sub === '' ? null : sub, version: ver, grants };
      return { content, from: nbf * 1000, until: exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };

  return {
    async issue({ user, version }, access) {
      const issuedAt = now();
      const seconds = Math.floor(issuedAt / 1000);
      const token = await new SignJWT({
        ver: version,
        access: access.map(({ name, actions: granted }) => ({ type: 'repository', name, actions: granted })),
      })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(service)
        .setSubject(user ?? '')
        .setIssuedAt(seconds)
        .setNotBefore(seconds - skew)
        .setExpirationTime(seconds + lifetime)
        .setJti(randomUUID())
        .sign(key);
      return { token, expiresIn: lifetime, issuedAt };
    },
    async verify(token) {
      const id = createHash('sha256').update(token).digest('base64');
      const known = remembered.get(id);
      const at = now();
      if (known !== undefined) return at >= known.from && at < known.until ? known.content : null;
      const fresh = await read(token);
      if (fresh === null) return null;
      remembered.set(id, fresh);
      return fresh.content;
    },
  };
}
