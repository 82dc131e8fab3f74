import type { IncomingMessage } from 'node:http';
import type { Need } from './authorization.ts';

/** Writes the `WWW-Authenticate` header of the registry's answers (RFC 6750; Docker's token specification). */
export interface Challenges {
  for(request: IncomingMessage, need: Need, error: TokenError | null): string;
}

/** Why the token that came does not do (RFC 6750, section 3). */
export interface TokenError {
  readonly code: 'insufficient_scope' | 'invalid_token';
  /** A sentence for people: docker shows it, and not the body of the answer. */
  readonly description: string;
}

const scopeActions = {
  pull: 'pull',
  push: 'pull,push',
  delete: 'pull,delete',
  admin: 'pull,push,delete,admin',
} as const;

/** Addresses that say "listen everywhere": nobody can be sent there. */
const anyAddressPattern = /^(?:0\.0\.0\.0|\[?::\]?)(?::[0-9]+)?$/;

/**
 * A client sends its password to the realm, so a realm is made from configured names alone: the request's `Host`
 * chooses among them, and `X-Forwarded-*` has no say.
 * @param options `hosts`: the first is named to who asks for a host that is not among them
 */
export function createChallenges(options: {
  readonly realm: string | null;
  readonly service: string;
  readonly hosts: readonly string[];
  /** Whether the registry port speaks TLS. */
  readonly tls: boolean;
}): Challenges {
  const { realm, service } = options;
  const scheme = options.tls ? 'https' : 'http';
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const fallback = [...hosts].find((host) => !anyAddressPattern.test(host)) ?? 'localhost';
  const realmFor = (request: IncomingMessage): string => {
    if (realm !== null) return realm;
    const asked = (request.headers.host ?? '').toLowerCase();
    return `${scheme}://${hosts.has(asked) ? asked : fallback}/auth/token`;
  };
  return {
    for(request, need, error) {
      const scope = scopeOf(need);
      const told =
        error === null ? '' : `,error="${error.code}",error_description="${quotable(error.description)}"`;
      return `Bearer realm="${realmFor(request)}",service="${service}"${scope}${told}`;
    },
  };
}

/** What RFC 6750 lets stand there: printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '?');
}

function scopeOf(need: Need): string {
  if (need === 'login') return '';
  if (need === 'catalog') return ',scope="registry:catalog:*"';
  return `,scope="repository:${need.name}:${scopeActions[need.action]}"`;
}
