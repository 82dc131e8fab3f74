import { createServer, type Server } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { askingFor, type ClientAuthority } from './client-certificates.ts';
import { boundConnections } from './connections.ts';
import type { Door } from './door.ts';
import { type DoorOptions, doorsOf } from './doors.ts';
import { receive } from './reception.ts';
import { restApp } from './rest.ts';

/** The API server keeps idle connections for 90 s and does not try a lost POST again (kubernetes #127335). */
const keepAlive = 120_000;
/**
 * Milliseconds in which a request's headers, and all of it, have to be there. For the first request of a connection they
 * count from its beginning, and the API server keeps connections that it has not used yet, too.
 */
const headersTimeout = keepAlive + 5_000;
const requestTimeout = keepAlive + 10_000;
const handshakeTimeout = 10_000;
const checkingInterval = 2_000;
/** Bytes of a request's line and headers. */
const largestHead = 16 * 1024;
const mostConnections = 1000;
/** Connections that are still being closed. */
const spare = 100;
/** Requests at once; the API server's default is 600 requests of all kinds in flight. */
const mostRequests = 256;
/**
 * An update holds the object before and after it. etcd takes 1.5 MiB of each, and Go's JSON writes six bytes for one that it
 * escapes: whatever lies in a cluster can be labelled, and freed of its finalizers.
 */
const longestBody = 20 * 1024 * 1024;
const bodiesTogether = 64 * 1024 * 1024;
/** Few reviews are longer. Somebody may keep four of the longest ones waiting, and everybody else's have to be answered. */
const shortBody = 512 * 1024;
const forShortBodies = 16 * 1024 * 1024;
const bodyWithin = 10_000;

export interface WebhookOptions extends DoorOptions {
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Why it should get no requests yet; an empty list means ready. */
  readonly notReady?: () => readonly string[];
  /** What is wrong though it is ready, each a sentence. */
  readonly troubles?: () => readonly string[];
}

/** The webhook: the doors by POST, and GET /healthz and /readyz. Does not listen yet. */
export function createWebhookServer(options: WebhookOptions): Server {
  const { logger, ticks, notReady = () => [], troubles = () => [] } = options;
  const doors = doorsOf(options);
  const bounds = {
    ...{ longest: longestBody, together: bodiesTogether, within: bodyWithin },
    ...{ short: shortBody, reserved: forShortBodies },
    requests: mostRequests,
  };
  const server = createServer(
    {
      ...options.tls,
      ...askingClients(doors),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout,
      keepAliveTimeout: keepAlive,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: checkingInterval,
      maxHeaderSize: largestHead,
    },
    receive({ doors, bounds, ticks, logger }, restApp({ doors, logger, notReady, troubles })),
  );
  const present = server.setSecureContext.bind(server);
  let shown: TlsOptions = options.tls;
  // Whoever renews the certificate knows nothing of the clients', and must not forget their authorities.
  server.setSecureContext = (pair) => {
    shown = pair;
    present({ ...pair, ...askingClients(doors) });
  };
  for (const authority of authoritiesOf(doors)) {
    authority.onRenewed(() => present({ ...shown, ...askingClients(doors) }));
  }
  boundConnections(server, mostConnections);
  server.maxConnections = mostConnections + spare;
  return server;
}

/** Each door looks whether the client is one of its own; others may ask the other doors. */
function askingClients(doors: readonly Door[]): TlsOptions {
  return askingFor(authoritiesOf(doors));
}

function authoritiesOf(doors: readonly Door[]): readonly ClientAuthority[] {
  return [...new Set(doors.flatMap(({ clients }) => clients ?? []))];
}
