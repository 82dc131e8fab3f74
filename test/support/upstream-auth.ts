import { ociError, type Reply } from './upstream-reply.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type UpstreamAuth =
  | { readonly kind: 'basic'; readonly credentials: Credentials }
  | {
      readonly kind: 'token';
      /** Left out: everybody gets a token. */
      readonly credentials?: Credentials;
      /** Seconds; left out, the answer does not say. */
      readonly expiresIn?: number;
      readonly field?: 'token' | 'access_token';
      /** Another realm than this server's own `/token`. */
      readonly realm?: string;
    };

/** Who may come in. Tokens name the scope that they are good for and cannot be guessed from it. */
export interface Doorkeeper {
  /** null: come in. */
  refuse(authorization: string | undefined, repository: string | null, origin: string): Reply | null;
  token(query: URLSearchParams, authorization: string | undefined): Reply;
  /** From now on no token that was given out is good. */
  revoke(): void;
}

export function createDoorkeeper(auth: UpstreamAuth | undefined): Doorkeeper {
  const granted = new Map<string, string>();
  let issued = 0;
  return {
    refuse(authorization, repository, origin) {
      if (auth === undefined) return null;
      if (auth.kind === 'basic') {
        if (authorization === basic(auth.credentials)) return null;
        return ociError(401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="test"' });
      }
      const scope = repository === null ? '' : `repository:${repository}:pull`;
      const given = granted.get(authorization ?? '');
      if (given !== undefined && (scope === '' || given.split(' ').some((one) => covers(one, scope))))
        return null;
      const realm = auth.realm ?? `${origin}/token`;
      const wanted = scope === '' ? '' : `,scope="${scope}"`;
      return ociError(401, 'UNAUTHORIZED', {
        'www-authenticate': `Bearer realm="${realm}",service="test registry"${wanted}`,
      });
    },
    token(query, authorization) {
      if (auth?.kind !== 'token') return ociError(404, 'UNSUPPORTED');
      if (auth.credentials !== undefined && authorization !== basic(auth.credentials)) {
        return ociError(401, 'UNAUTHORIZED');
      }
      issued += 1;
      const token = `token-${issued}`;
      granted.set(`Bearer ${token}`, query.getAll('scope').join(' '));
      const answer = {
        [auth.field ?? 'token']: token,
        ...(auth.expiresIn === undefined ? {} : { expires_in: auth.expiresIn }),
      };
      const headers = { 'content-type': 'application/json' };
      return { status: 200, headers, body: Buffer.from(JSON.stringify(answer)) };
    },
    revoke() {
      granted.clear();
    },
  };
}

function basic(credentials: Credentials): string {
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/** `repository:a:pull,push` covers `repository:a:pull`. */
function covers(given: string, wanted: string): boolean {
  const cut = given.lastIndexOf(':');
  return (
    wanted === `${given.slice(0, cut)}:pull` &&
    given
      .slice(cut + 1)
      .split(',')
      .includes('pull')
  );
}
