import { createHash, timingSafeEqual } from 'node:crypto';
import { parseAuthorization } from './authorization.ts';

/** Who may ask the adapter; the four ways that Harbor offers when a scanner is registered. */
export type AdapterAuthentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly key: string };

export const apiKeyHeader = 'X-ScannerAdapter-API-Key';

/** The two headers of a request that can carry credentials. */
export interface PresentedCredentials {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
}

/** Whether credentials are the ones that are asked for. Takes the same time however much of them is right. */
export function isAuthentic(demanded: AdapterAuthentication, presented: PresentedCredentials): boolean {
  if (demanded.kind === 'none') return true;
  if (demanded.kind === 'api-key') return equal(presented.apiKey ?? '', demanded.key);
  const given = parseAuthorization(presented.authorization ?? '');
  if (given === null || given.kind !== demanded.kind) return false;
  if (given.kind === 'bearer' && demanded.kind === 'bearer') return equal(given.token, demanded.token);
  if (given.kind !== 'basic' || demanded.kind !== 'basic') return false;
  const username = equal(given.username, demanded.username);
  const password = equal(given.password, demanded.password);
  return username && password;
}

/** `WWW-Authenticate` of the 401 (RFC 9110, section 11.6.1). */
export function challenge(demanded: AdapterAuthentication): string {
  const realm = 'realm="Pratique scanner adapter"';
  if (demanded.kind === 'basic') return `Basic ${realm}, charset="UTF-8"`;
  return demanded.kind === 'bearer' ? `Bearer ${realm}` : `ApiKey ${realm}, header="${apiKeyHeader}"`;
}

/** Hashes have one length, so that the comparison does not tell that of the secret. An empty secret fits nothing. */
function equal(given: string, secret: string): boolean {
  const same = timingSafeEqual(hash(given), hash(secret));
  return same && secret !== '';
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
