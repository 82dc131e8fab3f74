import { constants, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket, TlsOptions } from 'node:tls';

const longestChain = 10;
const onePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

interface Known {
  readonly signed: boolean;
  /** Milliseconds since 1970: when its certificate ends. */
  readonly endsAt: number;
}

/**
 * Clients that one of these authorities has signed. Others may follow them while connections are open: what a client has shown
 * before counts no more then.
 */
export class ClientAuthority {
  readonly #names: ReadonlySet<string> | null;
  readonly #now: () => number;
  readonly #listeners: (() => void)[] = [];
  #pem: string;
  #fingerprints: ReadonlySet<string>;
  #known = new WeakMap<TLSSocket, Known>();

  /**
   * @param pem one certificate or several
   * @param names common names, or DNS names, addresses of mail and URIs among the alternative names; null: any
   * @param now milliseconds since 1970
   * @throws Error where there is none in it, or one that cannot be read
   */
  constructor(pem: string, names: readonly string[] | null, now: () => number) {
    this.#names = names === null ? null : new Set(names);
    this.#now = now;
    this.#fingerprints = fingerprintsOf(pem);
    this.#pem = pem;
  }

  /** What TLS is told of them. */
  get pem(): string {
    return this.#pem;
  }

  /** Whether their word alone is not enough. */
  get named(): boolean {
    return this.#names !== null;
  }

  /** @param listener told when there are others, which TLS does not know yet */
  onRenewed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** @throws Error as the constructor; nothing has changed then */
  renew(pem: string): void {
    this.#fingerprints = fingerprintsOf(pem);
    this.#pem = pem;
    this.#known = new WeakMap();
    for (const listener of this.#listeners) listener();
  }

  /** Whether the other end has proved that it holds such a certificate, which has not ended; TLS has verified the chain before. */
  hasSigned(socket: TLSSocket): boolean {
    let known = this.#known.get(socket);
    if (known === undefined) {
      const signed = socket.authorized && this.#leadsHere(socket) && this.#isNamed(socket);
      const endsAt = signed ? Date.parse(socket.getPeerCertificate().valid_to) : 0;
      known = { signed, endsAt };
      this.#known.set(socket, known);
    }
    return known.signed && this.#now() < known.endsAt;
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

/**
 * How a server asks for certificates of any of these. Each connection shows its own anew: what a session of before was allowed
 * would outlive the authority.
 */
export function askingFor(authorities: readonly ClientAuthority[]): TlsOptions {
  if (authorities.length === 0) return {};
  return {
    ca: authorities.map(({ pem }) => pem),
    requestCert: true,
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** @throws Error */
function fingerprintsOf(pem: string): ReadonlySet<string> {
  const found = pem.match(onePem) ?? [];
  if (found.length === 0) throw new Error('it holds no certificate');
  return new Set(found.map((one) => new X509Certificate(one).fingerprint256));
}
