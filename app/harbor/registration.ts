import { PratiqueError } from '../../core/errors.ts';
import type { Registration } from './answers.ts';
import type { RegistrationRequest } from './api.ts';
import { withoutSecret } from './connection.ts';

/** Harbor keeps this name for the scanner that comes with it. */
const reservedName = 'Trivy';
const longestName = 128;
const longestCredential = 512;

export type AdapterAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly secret: string }
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'api-key'; readonly secret: string };

export interface WantedRegistration {
  readonly name: string;
  readonly url: string;
  readonly auth: AdapterAuth;
  readonly useInternalAddress: boolean;
  readonly skipCertificate: boolean;
}

/**
 * The adapter's base address as Harbor wants it.
 * @throws PratiqueError `usage-invalid`
 */
export function parseAdapterUrl(text: string): string {
  const invalid = (allowed: string): PratiqueError =>
    new PratiqueError('usage-invalid', `--adapter-url: found "${withoutSecret(text)}", allowed ${allowed}`);
  if (!URL.canParse(text)) throw invalid('an address such as http://pratique:5090');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid('an http:// or https:// address such as http://pratique:5090');
  if (url.username !== '' || url.password !== '')
    throw invalid('an address without credentials; use --adapter-auth for them');
  if (url.search !== '' || url.hash !== '') throw invalid('an address without query and fragment');
  const path = url.pathname.replace(/\/+$/, '');
  if (/\/api\/v1(?:\/.*)?$/.test(path))
    throw invalid(
      `it without /api/v1, which Harbor appends by itself: ${url.origin}${path.replace(/\/api\/v1.*$/, '')}`,
    );
  return `${url.origin}${path}`;
}

/** @throws PratiqueError `usage-invalid` */
export function checkName(name: string): string {
  const fault =
    name === reservedName
      ? 'any other name: Harbor keeps this one for its own scanner'
      : name.trim() === '' || name.length > longestName
        ? `1 to ${longestName} characters`
        : null;
  if (fault === null) return name;
  throw new PratiqueError('usage-invalid', `--name: found "${name}", allowed ${fault}`, { name });
}

const kinds = { none: '', basic: 'Basic', bearer: 'Bearer', 'api-key': 'APIKey' } as const;

/** @throws PratiqueError `usage-invalid` */
export function requestOf(wanted: WantedRegistration, description: string): RegistrationRequest {
  const { auth } = wanted;
  const credential =
    auth.kind === 'none' ? '' : auth.kind === 'basic' ? `${auth.username}:${auth.secret}` : auth.secret;
  if (credential.length > longestCredential) {
    throw new PratiqueError(
      'usage-invalid',
      `the adapter's secret has ${credential.length} characters; Harbor keeps at most ${longestCredential}`,
    );
  }
  return {
    name: wanted.name,
    description,
    url: wanted.url,
    auth: kinds[auth.kind],
    access_credential: credential,
    skip_certVerify: wanted.skipCertificate,
    use_internal_addr: wanted.useInternalAddress,
    disabled: false,
  };
}

export type Match =
  | { readonly kind: 'none' }
  | { readonly kind: 'same'; readonly registration: Registration }
  /** Only the name is the same: it may be somebody else's. */
  | { readonly kind: 'name'; readonly registration: Registration }
  /** One has the address, another one the name. */
  | { readonly kind: 'conflict'; readonly registration: Registration; readonly named: Registration };

/** Name and address are each unique in Harbor. */
export function findRegistration(all: readonly Registration[], name: string, url: string): Match {
  const byUrl = all.find((one) => sameAddress(one.url, url));
  const byName = all.find((one) => one.name === name);
  if (byUrl !== undefined && byName !== undefined && byUrl.uuid !== byName.uuid)
    return { kind: 'conflict', registration: byUrl, named: byName };
  if (byUrl !== undefined) return { kind: 'same', registration: byUrl };
  return byName === undefined ? { kind: 'none' } : { kind: 'name', registration: byName };
}

/** What an update changes, for people; empty where nothing does. The secret cannot be compared: it is sent anew. */
export function changesOf(old: Registration, wanted: RegistrationRequest): string[] {
  const changes: string[] = [];
  const note = (what: string, from: string | boolean, to: string | boolean): void => {
    if (from !== to) changes.push(`${what} ${shown(from)} → ${shown(to)}`);
  };
  note('name', old.name, wanted.name);
  if (!sameAddress(old.url, wanted.url)) note('address', old.url, wanted.url);
  note('authentication', old.auth, wanted.auth);
  note('use internal registry address', old.use_internal_addr, wanted.use_internal_addr);
  note('skip certificate verification', old.skip_certVerify, wanted.skip_certVerify);
  note('disabled', old.disabled, wanted.disabled);
  if (wanted.auth !== '' && old.auth === wanted.auth) changes.push('secret sent anew');
  return changes;
}

function shown(value: string | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? 'none' : value;
}

export function sameAddress(one: string, other: string): boolean {
  return normal(one) === normal(other);
}

/** Harbor adds a scheme that is missing and drops slashes at the end. */
function normal(address: string): string {
  const text = address.trim().replace(/\/+$/, '');
  const full = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(full) ? new URL(full).href.replace(/\/+$/, '') : full;
}

/** Whether an address means "this very machine" to whoever dials it. */
export function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.[0-9.]+$/.test(host);
}

/** Whether a scanner says of itself that it is Pratique's. */
export function isPratique(scanner: { readonly name: string; readonly vendor: string }): boolean {
  return [scanner.name, scanner.vendor].some((word) => word.toLowerCase() === 'pratique');
}
