import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

const longestChain = 10;
const onePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Clients that one of these authorities has signed.
 * @param pem one certificate or several
 * @param names common names, or DNS names, addresses of mail and URIs among the alternative names; null: any
 */
export class ClientAuthority {
  readonly #fingerprints: ReadonlySet<string>;
  readonly #names: ReadonlySet<string> | null;
  readonly #known = new WeakMap<TLSSocket, boolean>();

  constructor(pem: string, names: readonly string[] | null = null) {
    this.#names = names === null ? null : new Set(names);
    const found = pem.match(onePem) ?? [];
    this.#fingerprints = new Set(found.map((one) => new X509Certificate(one).fingerprint256));
  }

  /** Whether the other end has proved that it holds such a certificate; TLS has verified the chain before. */
  hasSigned(socket: TLSSocket): boolean {
    const before = this.#known.get(socket);
    if (before !== undefined) return before;
    const signed = socket.authorized && this.#leadsHere(socket) && this.#isNamed(socket);
    this.#known.set(socket, signed);
    return signed;
  }

  #isNamed(socket: TLSSocket): boolean {
    const names = this.#names;
    if (names === null) return true;
    const { subject, subjectaltname = '' } = socket.getPeerCertificate();
    // More than one common name comes as a list, whatever the types say.
    const common: unknown = subject.CN;
    const found = [
      ...(Array.isArray(common) ? (common as unknown[]) : [common]),
      ...subjectaltname.split(', ').map((one) => /^(?:DNS|URI|email):(.+)$/.exec(one)?.[1]),
    ];
    return found.some((name) => typeof name === 'string' && names.has(name));
  }

  /** The server trusts the authorities of all doors; each has its own. */
  #leadsHere(socket: TLSSocket): boolean {
    let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    for (let depth = 0; depth < longestChain && certificate !== undefined; depth += 1) {
      if (depth > 0 && this.#fingerprints.has(certificate.fingerprint256)) return true;
      const { issuerCertificate }: { issuerCertificate?: DetailedPeerCertificate } = certificate;
      if (issuerCertificate === certificate) return false;
      certificate = issuerCertificate;
    }
    return false;
  }
}
