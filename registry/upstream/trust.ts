import { getDomain } from 'tldts';

/**
 * Whether credentials for `upstream` may be sent to `realm`: to the same host or one of the same registrable
 * domain (`registry-1.docker.io` → `auth.docker.io`), and never from https to http. Addresses and names without a
 * registrable domain (`localhost`, `registry`) have to be equal.
 */
export function mayHaveCredentials(upstream: URL, realm: URL): boolean {
  if (isDowngrade(upstream, realm)) return false;
  if (upstream.hostname === realm.hostname) return true;
  const domain = registrableDomain(upstream);
  return domain !== null && domain === registrableDomain(realm);
}

/** From an encrypted connection to one that is not. */
export function isDowngrade(from: URL, to: URL): boolean {
  return from.protocol === 'https:' && to.protocol !== 'https:';
}

export function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/** With the list's private part: two customers of one hosting company are two. */
function registrableDomain(url: URL): string | null {
  return getDomain(url.hostname, { allowPrivateDomains: true });
}
