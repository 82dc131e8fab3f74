import { createHash, randomUUID } from 'node:crypto';
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { actions } from './access.ts';
import type { AskedScopes } from './scope.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What a token says, signed here and read back. Names are canonical. */
export interface TokenContent {
  /** null: nobody logged in. */
  readonly user: string | null;
  /** `Holder.version` at the login; empty without a user. */
  readonly version: string;
  /** Id of the access token of the login; null: there was none. */
  readonly token: string | null;
  readonly grants: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether the catalog may be listed. */
  readonly lists: boolean;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

export interface Tokens {
  issue(holder: Pick<TokenContent, 'user' | 'version' | 'token'>, granted: AskedScopes): Promise<IssuedToken>;
  /** null: not signed here, for another service, or not of this time. */
  verify(token: string): Promise<TokenContent | null>;
}

/** Seconds. */
const lifetime = 300;
/** Seconds that the clock may be set back without a token being taken for one of the future. */
const skew = 30;
const issuer = 'pratique';
const algorithm = 'ES256';
const catalog = { type: 'registry', name: 'catalog', actions: ['*'] } as const;
/** Tokens that were verified and need no second look. */
const mostRemembered = 5000;

const claims = z.object({
  sub: z.string(),
  ver: z.string(),
  exp: z.number(),
  nbf: z.number(),
  /** The access token that was logged in with. */
  tok: z.string().optional(),
  access: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('repository'), name: z.string(), actions: z.array(z.enum(actions)) }),
      z.object({ type: z.literal(catalog.type), name: z.literal(catalog.name) }),
    ]),
  ),
});

interface Remembered {
  readonly content: TokenContent;
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
}

/** Bearer tokens: JWT (RFC 7519) with ES256 and no other algorithm, whatever a token's header says. */
export function createTokens(options: {
  readonly keys: SigningKeys;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): Tokens {
  const { keys, service, now } = options;
  const remembered = new LRUCache<string, Remembered>({ max: mostRemembered });

  const read = async (token: string): Promise<Remembered | null> => {
    try {
      const known = (header: JWTHeaderParameters) => {
        const key = keys.byId(header.kid ?? '');
        if (key === null) throw new errors.JWKSNoMatchingKey();
        return key.publicKey;
      };
      const { payload } = await jwtVerify(token, known, {
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
      const { sub, ver, tok = null, exp, nbf, access } = parsed.data;
      const grants = new Map(
        access.flatMap((entry) =>
          entry.type === 'repository' ? [[entry.name, new Set<string>(entry.actions)] as const] : [],
        ),
      );
      const lists = access.some(({ type }) => type === catalog.type);
      const content = { user: sub === '' ? null : sub, version: ver, token: tok, grants, lists };
      return { content, from: nbf * 1000, until: exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };

  return {
    async issue({ user, version, token: accessToken }, { repositories, lists }) {
      const issuedAt = now();
      const seconds = Math.floor(issuedAt / 1000);
      const { kid, privateKey } = keys.current();
      const token = await new SignJWT({
        ver: version,
        ...(accessToken === null ? {} : { tok: accessToken }),
        access: [
          ...repositories.map(({ name, actions: granted }) => ({
            type: 'repository',
            name,
            actions: granted,
          })),
          ...(lists ? [catalog] : []),
        ],
      })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid })
        .setIssuer(issuer)
        .setAudience(service)
        .setSubject(user ?? '')
        .setIssuedAt(seconds)
        .setNotBefore(seconds - skew)
        .setExpirationTime(seconds + lifetime)
        .setJti(randomUUID())
        .sign(privateKey);
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
