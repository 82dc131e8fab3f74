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
  /** The upstream to which the host or port is bound that was asked. */
  readonly boundTo: (request: IncomingMessage) => string | null;
}): Challenges {
  const { realm, service, boundTo } = options;
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
      const bound = boundOf(need, boundTo(request));
      const scope = scopeOf(need, bound);
      const told =
        error === null ? '' : `,error="${error.code}",error_description="${quotable(error.description)}"`;
      return `Bearer realm="${realmFor(request)}${markOf(bound)}",service="${service}"${scope}${told}`;
    },
  };
}

/** What RFC 6750 lets stand there: printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '?');
}

function scopeOf(need: Need, bound: string | null): string {
  if (need === 'login') return '';
  if (need === 'catalog') return ',scope="registry:catalog:*"';
  return `,scope="repository:${spelled(need.name, bound)}:${scopeActions[need.action]}"`;
}

/** The parameter of the realm that says for which upstream's host or port the names in scopes are spelled. */
export const boundParameter = 'upstream';

/** null too where the name is not below that upstream, because `ns` has named another. */
function boundOf(need: Need, bound: string | null): string | null {
  if (bound === null || typeof need === 'string') return bound;
  return need.name.startsWith(`${bound}/`) ? bound : null;
}

/** As the client spells it: some make the scope themselves, of the name that they ask for. */
function spelled(name: string, bound: string | null): string {
  return bound === null ? name : name.slice(bound.length + 1);
}

/** Clients keep a realm's query and add to it, wherever the realm is and whatever stands before it. */
function markOf(bound: string | null): string {
  return bound === null ? '' : `?${boundParameter}=${encodeURIComponent(bound)}`;
}
