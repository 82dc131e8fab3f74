import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

const longestChain = 10;
const onePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Clients that one of these authorities has signed. @param pem one certificate or several */
export class ClientAuthority {
  readonly #fingerprints: ReadonlySet<string>;
  readonly #known = new WeakMap<TLSSocket, boolean>();

  constructor(pem: string) {
    const found = pem.match(onePem) ?? [];
    this.#fingerprints = new Set(found.map((one) => new X509Certificate(one).fingerprint256));
  }

  /** Whether the other end has proved that it holds such a certificate; TLS has verified the chain before. */
  hasSigned(socket: TLSSocket): boolean {
    const before = this.#known.get(socket);
    if (before !== undefined) return before;
    const signed = socket.authorized && this.#leadsHere(socket);
    this.#known.set(socket, signed);
    return signed;
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
