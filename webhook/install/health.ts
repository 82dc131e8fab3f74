import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { z } from 'zod';
import { isPratiqueError } from '../../core/errors.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { messageOf } from '../cluster/failure.ts';
import type { Place } from './manifests.ts';

/** Milliseconds for what is only told beside. */
const briefly = 5000;
/** Characters. */
const longestAnswer = 300;

/** What the webhook says of itself. */
export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or sentences on what is wrong, which need not keep it from being ready. */
  readonly text: string;
}

/**
 * By the API server's proxy to Services, which takes the right to `get` `services/proxy`; at its address, where it has one. null: it
 * cannot be asked by this way. Never throws.
 */
export async function readReadiness(client: ClusterClient, place: Place): Promise<Readiness | null> {
  if (place.kind === 'url') return await readyAt(new URL('/readyz', place.url));
  const { namespace, name, port } = place;
  try {
    const answer = await client.call({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/services/https:${name}:${port}/proxy/readyz`,
      milliseconds: briefly,
    });
    const { status, body } = answer;
    // The API server itself answers 503 with a Status where no Pod is ready.
    return readinessOf(status, typeof body === 'string' ? body : status === 503 ? messageOf(body) : '');
  } catch (error) {
    // It is told beside; whether the webhook is reached was asked in another way.
    if (isPratiqueError(error)) return null;
    throw error;
  }
}

function readinessOf(status: number | undefined, body: string): Readiness | null {
  const said = body
    .trim()
    .replace(/^ok\s+/, '')
    .split(/\s*\n\s*/)
    .join('; ')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, longestAnswer);
  if (status === 200) return { ready: true, text: said === '' ? 'ok' : said };
  return status === 503 && said !== '' ? { ready: false, text: said } : null;
}

/** Told beside and acted on by nobody, as the certificate's end is, so whoever answers need not be trusted. */
async function readyAt(url: URL): Promise<Readiness | null> {
  return await new Promise((resolve) => {
    const asked = request(url, { rejectUnauthorized: false, timeout: briefly, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > longestAnswer * 10) asked.destroy();
      });
      response.once('end', () => resolve(readinessOf(response.statusCode, body)));
      response.once('close', () => resolve(null));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(null));
    asked.end();
  });
}

const secret = z.object({ data: z.object({ 'tls.crt': z.string() }) });

/**
 * When the webhook's certificate ends, milliseconds since 1970: of the Secret that replicas share, or shown at its
 * address. null: it cannot be seen. Never throws.
 */
export async function readCertificateEnd(client: ClusterClient, place: Place): Promise<number | null> {
  if (place.kind === 'url') return await shownAt(new URL(place.url));
  try {
    const path = `/api/v1/namespaces/${place.namespace}/secrets/${place.name}-tls`;
    const { status, body } = await client.call({ method: 'GET', path, milliseconds: briefly });
    const parsed = secret.safeParse(body);
    if (status !== 200 || !parsed.success) return null;
    const pem = Buffer.from(parsed.data.data['tls.crt'], 'base64').toString('utf8');
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    // Told beside: "not seen" is all that there is to say of a Secret that is something else.
    return null;
  }
}

/** Nothing is sent there, and nothing believed but what it says of itself, so it need not be trusted. */
async function shownAt(url: URL): Promise<number | null> {
  return await new Promise((resolve) => {
    const socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port === '' ? 443 : url.port),
      rejectUnauthorized: false,
      timeout: briefly,
    });
    const end = (at: number | null): void => {
      socket.destroy();
      resolve(at);
    };
    socket.once('secureConnect', () => {
      const at = Date.parse(socket.getPeerX509Certificate()?.validTo ?? '');
      end(Number.isNaN(at) ? null : at);
    });
    socket.once('timeout', () => end(null));
    socket.once('error', () => end(null));
  });
}
