import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isFor, type KeyPair, makeAuthority, makeServerCertificate, namesIn } from './authority.ts';

/** All that a webhook needs that makes its certificates itself. PEM. */
export interface Material {
  /** Whom clients trust: who signs first, then who will, then who has and has not ended. */
  readonly authorities: readonly string[];
  /** Of the first authority; null: it is kept elsewhere, so nothing can be signed. */
  readonly authorityKey: string | null;
  /** Of the authority that will sign when clients have been told of it; null: there is none. */
  readonly nextKey: string | null;
  /** null: it has to be made. */
  readonly server: KeyPair | null;
}

/** What had to be made anew. After `bundle` and `authority`, clusters have to be told of the authorities again. */
export type Made = 'nothing' | 'certificate' | 'bundle' | 'authority';

export interface Circumstances {
  readonly names: readonly string[];
  /** Whether a certificate for further names will do, as where replicas of two configurations share one. */
  readonly furtherNames: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For how many milliseconds clusters have been seen to trust all authorities; null: nobody looks, it is told by hand. */
  readonly publishedFor: number | null;
}

const day = 86_400_000;
/** A server's certificate is made anew when fewer milliseconds are left. */
const renewBefore = 30 * day;
/** A new authority is made, and told of, when the old one has fewer left. */
const announceBefore = 120 * day;
/** So long every API server has had to hear of an authority before it signs. */
const settled = 10 * 60_000;
/** An authority that clusters cannot be told of hands over all the same when fewer milliseconds are left. */
const handOverBefore = { told: day, byHand: renewBefore };

/**
 * What comes next: certificates that end are made again. An authority that ends is followed by another in steps, so that
 * nobody who is told of both ever meets a certificate of one that he does not trust: first it is among those to be
 * trusted, later it signs, and the old one goes when it has ended. One that has ended already is replaced at once.
 * @param before null: nothing is there
 * @returns what was given where nothing has to change
 * @throws PratiqueError `config-invalid` for a name that no certificate can have
 */
export async function advance(
  before: Material | null,
  circumstances: Circumstances,
): Promise<{ readonly material: Material; readonly made: Made }> {
  if (before === null) return { material: await begin(circumstances), made: 'authority' };
  const announced = await announce(withoutEnded(before, circumstances.now), circumstances.now);
  const signing = takesOver(before, announced, circumstances) ? handOver(announced) : announced;
  const { server } = signing;
  const [authority = ''] = signing.authorities;
  if (server !== null && serves(authority, server, circumstances)) {
    if (signing === before) return { material: before, made: 'nothing' };
    return { material: signing, made: 'bundle' };
  }
  const material = { ...signing, server: await sign(signing, circumstances) };
  if (authority !== before.authorities[0]) return { material, made: 'authority' };
  return { material, made: signing === before ? 'certificate' : 'bundle' };
}

async function begin(circumstances: Circumstances): Promise<Material> {
  const authority = await makeAuthority(circumstances.now);
  const material: Material = {
    authorities: [authority.certificate],
    authorityKey: authority.key,
    nextKey: null,
    server: null,
  };
  return { ...material, server: await sign(material, circumstances) };
}

/** Of the past ones alone: who signs, and who will, are looked at below. */
function withoutEnded(material: Material, now: number): Material {
  const [, ...others] = material.authorities;
  const [signing = ''] = material.authorities;
  const stay = others.filter((pem) => isNext(material, pem) || endOf(pem) > now);
  return stay.length === others.length ? material : { ...material, authorities: [signing, ...stay] };
}

async function announce(material: Material, now: number): Promise<Material> {
  const [signing = '', ...others] = material.authorities;
  if (endOf(signing) - now > announceBefore) return material;
  if (nextOf(material, now) !== null) return material;
  // Whoever keeps the key elsewhere signs elsewhere, and follows by hand.
  if (material.authorityKey === null && endOf(signing) > now) return material;
  const made = await makeAuthority(now);
  return { ...material, authorities: [signing, made.certificate, ...others], nextKey: made.key };
}

function takesOver(before: Material, material: Material, { now, publishedFor }: Circumstances): boolean {
  if (nextOf(material, now) === null) return false;
  // What was published before it was made says nothing of it.
  if (publishedFor !== null && publishedFor >= settled && before.nextKey === material.nextKey) return true;
  const [signing = ''] = material.authorities;
  return endOf(signing) - now <= (publishedFor === null ? handOverBefore.byHand : handOverBefore.told);
}

function handOver(material: Material): Material {
  const next = material.authorities.find((pem) => isNext(material, pem)) ?? '';
  const others = material.authorities.filter((pem) => pem !== next);
  return { ...material, authorities: [next, ...others], authorityKey: material.nextKey, nextKey: null };
}

/** The authority that will sign; one that has ended is none. */
function nextOf(material: Material, now: number): string | null {
  return (
    material.authorities.find((pem) => isNext(material, pem) && endOf(pem) - now > announceBefore) ?? null
  );
}

function isNext({ nextKey }: Material, pem: string): boolean {
  return nextKey !== null && new X509Certificate(pem).checkPrivateKey(createPrivateKey(nextKey));
}

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo);
}

/** Whether a certificate is one of the authority's, for these names, and will be for a while. */
function serves(
  authority: string,
  { certificate, key }: KeyPair,
  { names, furtherNames, now }: Circumstances,
): boolean {
  const [ca, tls] = [new X509Certificate(authority), new X509Certificate(certificate)];
  return (
    // A key of another certificate is left by a renewal that was killed half way.
    tls.checkPrivateKey(createPrivateKey(key)) &&
    tls.checkIssued(ca) &&
    tls.verify(ca.publicKey) &&
    Date.parse(tls.validFrom) <= now &&
    // One that would be made now ends with its authority.
    Date.parse(tls.validTo) > now + Math.min(renewBefore, endOf(authority) - now - day) &&
    Date.parse(tls.validTo) > now &&
    (isFor(certificate, names) || (furtherNames && isFor(certificate, [...namesIn(certificate), ...names])))
  );
}

async function sign(material: Material, { names, furtherNames, now }: Circumstances): Promise<KeyPair> {
  const [certificate = ''] = material.authorities;
  const { authorityKey, server } = material;
  if (authorityKey === null) throw new MissingKey();
  const key: KeyObject = createPrivateKey(authorityKey);
  const before = furtherNames && server !== null ? namesIn(server.certificate) : [];
  return await makeServerCertificate({ certificate, key }, [...before, ...names], now);
}

/** The key of the authority is kept elsewhere, and something has to be signed. */
export class MissingKey extends Error {}

/** All authorities, as they go into a caBundle. */
export function bundleOf({ authorities }: Material): string {
  return authorities.map((pem) => `${pem.trim()}\n`).join('');
}

/** Certificates of a PEM text; each with a line break behind it. */
export function certificatesIn(text: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return found.map((pem) => `${pem}\n`);
}

/**
 * Puts who signs first: whose key is there, else whose certificate the server has.
 * @param authorities all of them certificates that can be read
 */
export function signingFirst(
  authorities: readonly string[],
  authorityKey: KeyObject | null,
  server: X509Certificate | null,
): readonly string[] {
  const signs = (pem: string): boolean => {
    const x509 = new X509Certificate(pem);
    if (authorityKey !== null) return x509.checkPrivateKey(authorityKey);
    return server?.checkIssued(x509) === true && server.verify(x509.publicKey);
  };
  const first = authorities.find(signs);
  if (first === undefined) return authorities;
  return [first, ...authorities.filter((pem) => pem !== first)];
}
