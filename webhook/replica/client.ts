import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { errorCode, errorText, PratiqueError } from '../../core/errors.ts';

/** What shows the proxy who we are, and us who it is. PEM, but for the token. */
export interface ProxyCredentials {
  /** The only authority that is believed; null: plain HTTP, on loopback alone. */
  readonly ca: string | null;
  readonly token: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

export interface ProxyRequest {
  readonly method: 'GET' | 'POST';
  /** From `/` on. */
  readonly path: string;
  readonly body?: unknown;
  /** Until the whole answer is there. */
  readonly milliseconds: number;
  /** Bytes that an answer may have. */
  readonly longest: number;
  /** Left out: nobody ends it. */
  readonly signal?: AbortSignal;
}

export interface ProxyAnswer {
  readonly status: number;
  /** JSON of it. */
  readonly value: unknown;
}

export interface ProxyClient {
  /**
   * @throws PratiqueError `proxy-unreachable` where nobody answers, or not in time, or with "try later"; `proxy-refused` where
   * it does not know us; `proxy-misbehaved` for what no proxy would say
   */
  ask(request: ProxyRequest): Promise<ProxyAnswer>;
  close(): void;
}

/** Connections at once; a long poll has one, the others ask for images. */
const mostSockets = 64;
/** Milliseconds. The proxy keeps idle connections for longer. */
const idleFor = 30_000;
const json = /^application\/json\s*(?:;|$)/i;

/**
 * Asks one proxy. No redirect is followed, no proxy of the environment is used, and no authority but the given one is believed.
 * @param url `https://host:port`, or `http://` of a loopback address
 * @param credentials those that are in force now; others make new connections
 * @param name by which the proxy may tell replicas apart
 */
export function createProxyClient(url: URL, credentials: () => ProxyCredentials, name: string): ProxyClient {
  const plain = url.protocol === 'http:';
  let used: ProxyCredentials | null = null;
  let agent: HttpAgent | Agent | null = null;
  /** What was begun with older credentials may end. */
  const agents: (HttpAgent | Agent)[] = [];
  const agentOf = (now: ProxyCredentials): HttpAgent | Agent => {
    if (agent !== null && used !== null && isSame(used, now)) return agent;
    used = now;
    const pool = { keepAlive: true, maxSockets: mostSockets, keepAliveMsecs: 10_000, timeout: idleFor };
    agent = plain ? new HttpAgent(pool) : new Agent({ ...pool, ...tlsOf(now) });
    agents.push(agent);
    if (agents.length > 4) agents.shift()?.destroy();
    return agent;
  };
  const open = (asked: ProxyRequest, body: string | null): ClientRequest => {
    const now = credentials();
    const options = {
      agent: agentOf(now),
      method: asked.method,
      headers: {
        Accept: 'application/json',
        'Pratique-Replica': name,
        ...(now.token === null ? {} : { Authorization: `Bearer ${now.token}` }),
        ...(body === null
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      },
    };
    const target = new URL(asked.path, url);
    return plain ? httpRequest(target, options) : httpsRequest(target, options);
  };
  return {
    ask: async (asked) => {
      const body = asked.body === undefined ? null : JSON.stringify(asked.body);
      const { status, type, text } = await exchange(() => open(asked, body), asked, body);
      return { status, value: jsonOf(status, type, text) };
    },
    close: () => {
      for (const one of agents) one.destroy();
    },
  };
}

function tlsOf({ ca, certificate, key }: ProxyCredentials) {
  return {
    // An empty list: nobody is believed, rather than the authorities of the machine.
    ca: ca ?? [],
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ...(certificate === null || key === null ? {} : { cert: certificate, key }),
  };
}

function isSame(one: ProxyCredentials, other: ProxyCredentials): boolean {
  return one.ca === other.ca && one.certificate === other.certificate && one.key === other.key;
}

interface Exchanged {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** One request with its answer. A connection that was closed while it lay idle is not the answer: it is tried once more. */
async function exchange(
  open: () => ClientRequest,
  asked: ProxyRequest,
  body: string | null,
): Promise<Exchanged> {
  const deadline = performance.now() + asked.milliseconds;
  for (let attempt = 1; ; attempt += 1) {
    let request: ClientRequest | null = null;
    try {
      request = open();
      return await answered(request, { ...asked, milliseconds: deadline - performance.now() }, body);
    } catch (error) {
      const wasIdle = request?.reusedSocket === true && errorCode(error) === 'ECONNRESET';
      if (!wasIdle || attempt === 3 || asked.signal?.aborted === true) throw named(error);
    }
  }
}

function answered(request: ClientRequest, asked: ProxyRequest, body: string | null): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const end = (error: Error): void => {
      request.destroy();
      reject(error);
    };
    const late = (): void =>
      end(
        away(
          `it has not answered ${asked.path.split('?')[0] ?? ''} within ${Math.round(asked.milliseconds)} ms`,
        ),
      );
    const timer = setTimeout(late, Math.max(0, asked.milliseconds));
    const gone = (): void => end(away('nobody waits for it any more'));
    asked.signal?.addEventListener('abort', gone, { once: true });
    if (asked.signal?.aborted === true) gone();
    const settle = (): void => {
      clearTimeout(timer);
      asked.signal?.removeEventListener('abort', gone);
    };
    let isAnswering = false;
    request.once('error', (error) => {
      settle();
      reject(error);
    });
    // A connection that is kept is closed to the request before its answer has been read.
    request.once('close', () => {
      if (isAnswering) return;
      settle();
      reject(away('the connection ended before the answer did'));
    });
    request.once('response', (response) => {
      isAnswering = true;
      read(response, asked.longest, end).finally(settle).then(resolve, reject);
    });
    request.end(body ?? undefined);
  });
}

async function read(
  response: IncomingMessage,
  longest: number,
  end: (error: Error) => void,
): Promise<Exchanged> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) {
      const error = misbehaved(`its answer has more than ${longest} bytes`);
      end(error);
      throw error;
    }
    chunks.push(chunk);
  }
  if (!response.complete) throw misbehaved('its answer ends before its end');
  return {
    status: response.statusCode ?? 0,
    type: response.headers['content-type'] ?? '',
    text: new TextDecoder().decode(Buffer.concat(chunks)),
  };
}

/** @throws PratiqueError */
function jsonOf(status: number, type: string, text: string): unknown {
  if (status === 401 || status === 403) {
    throw new PratiqueError('proxy-refused', `it does not know us: ${status}: ${shown(text)}`, { status });
  }
  if (status === 429 || status >= 500) throw away(`it answers ${status}: ${shown(text)}`);
  if (!json.test(type))
    throw misbehaved(`it answers ${status} with ${type === '' ? 'no type' : shown(type)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw misbehaved(`its answer ${status} is no JSON: ${shown(text)}`);
  }
}

function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}

/** Codes of Node and OpenSSL for a certificate that is not believed. */
const untrusted =
  /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|ERR_SSL|EPROTO)/;

function named(error: unknown): unknown {
  if (error instanceof PratiqueError) return error;
  const code = errorCode(error) ?? '';
  if (untrusted.test(code)) return misbehaved(`its certificate or TLS is not believed: ${errorText(error)}`);
  return away(errorText(error));
}

function away(why: string): PratiqueError {
  return new PratiqueError('proxy-unreachable', why);
}

export function misbehaved(why: string): PratiqueError {
  return new PratiqueError('proxy-misbehaved', why);
}
