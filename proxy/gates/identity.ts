import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** A gate that has shown who it is: for which cluster it speaks. */
export interface GateIdentity {
  readonly cluster: string;
}

/** A sentence where it has not. */
export type Identify = (request: IncomingMessage) => GateIdentity | string;

/** What a token is good for. `secret` null: it cannot be read at the moment, and nobody gets in by it. */
export interface GateToken {
  readonly cluster: string;
  readonly secret: string | null;
}

/** `both`: a token and a certificate; `either`: one of them is enough. */
export type Required = 'either' | 'both';

const missing =
  'this port answers other gates of Pratique alone: send Authorization: Bearer TOKEN with a token of gates.tokens, or a client certificate of gates.clientCa';
/** Bytes of a header that is compared. */
const longestToken = 4096;

/** Tells gates by tokens and by client certificates. @param tokens those that hold now */
export function identifyBy(options: {
  readonly tokens: () => readonly GateToken[];
  /** Whether the other end has shown a certificate of `gates.clientCa` that holds now; null: they are not asked for. */
  readonly hasSigned: ((socket: TLSSocket) => boolean) | null;
  readonly required: Required;
}): Identify {
  const { tokens, hasSigned, required } = options;
  return (request) => {
    const byToken = clusterOfToken(request, tokens());
    const byCertificate = hasSigned === null ? null : clusterOfCertificate(request, hasSigned);
    if (required === 'either') {
      // A token names the cluster as the operator of the proxy calls it.
      const cluster = byToken ?? byCertificate;
      return cluster === null ? missing : { cluster };
    }
    if (byToken === null) return 'a token of gates.tokens is missing or wrong, and gates.require is both';
    if (byCertificate === null)
      return 'a client certificate of gates.clientCa is missing or wrong, and gates.require is both';
    if (byToken !== byCertificate)
      return 'the token and the client certificate are for different clusters: the name of the certificate has to be that of the token';
    return { cluster: byToken };
  };
}

/** All are compared, and none in less time for being more alike. */
function clusterOfToken(request: IncomingMessage, tokens: readonly GateToken[]): string | null {
  const { authorization = '' } = request.headers;
  if (authorization.length > longestToken) return null;
  const given = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
  if (given === undefined) return null;
  const digest = sha256(given);
  let found: string | null = null;
  for (const { cluster, secret } of tokens) {
    if (secret !== null && timingSafeEqual(digest, sha256(secret))) found = cluster;
  }
  return found;
}

/** The one common name of a certificate of `gates.clientCa`. */
function clusterOfCertificate(
  { socket }: IncomingMessage,
  hasSigned: (socket: TLSSocket) => boolean,
): string | null {
  if (!(socket instanceof TLSSocket) || !hasSigned(socket)) return null;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' && /^[A-Za-z0-9._-]{1,253}$/.test(name) ? name : null;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
