import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { ensureCertificate } from '../../webhook/certificate.ts';
import { askingFor, type ClientAuthority } from '../../webhook/client-certificates.ts';
import { boundConnections } from '../../webhook/connections.ts';
import type { Config } from '../config/config.ts';
import type { Ending } from '../ending.ts';
import { type KeyPair, watchKeyPair } from '../tls-files.ts';

/** What other gates reach. */
export interface GatesServer {
  readonly server: Server | TlsServer;
  /** PEM file of the authority that signed its certificate; null: the operator brought one, or there is none. */
  readonly caFile: string | null;
}

interface Parts {
  readonly config: Pick<Config, 'gates'>;
  /** Folder of its own authority and certificate. */
  readonly certificates: string;
  /** Of client certificates; null: they are not asked for. */
  readonly clients: ClientAuthority | null;
  readonly ending: Pick<Ending, 'add'>;
  readonly now: () => number;
  readonly logger: Logger;
  /** Milliseconds between two looks at its own certificate. */
  readonly every?: number;
}

/** Milliseconds. A long poll ends before. */
const requestTimeout = 60_000;
const keepAlive = 120_000;
const mostConnections = 1000;
/** Connections that are still being closed. */
const spare = 100;
/** Milliseconds: clocks jump, and files are deleted. */
const betweenLooks = 30_000;
const timeouts = {
  keepAliveTimeout: keepAlive,
  headersTimeout: 20_000,
  requestTimeout,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
};

type Pair = Pick<KeyPair, 'cert' | 'key'>;

/**
 * The server with its certificate, and what it asks of clients, both of which are renewed without a restart. Does not listen yet.
 * @throws PratiqueError `config-invalid`, `data-unusable`
 */
export async function createGatesServer(parts: Parts): Promise<GatesServer> {
  const { tls } = parts.config.gates;
  if (tls === 'off') return { server: bounded(createServer(timeouts)), caFile: null };
  return tls === null ? await withOwn(parts) : withFiles(tls, parts);
}

function withFiles(files: NonNullable<Exclude<Config['gates']['tls'], 'off'>>, parts: Parts): GatesServer {
  const { ending, now, logger } = parts;
  const watched = watchKeyPair({
    ...{ files, setting: 'gates.tls', now, logger },
    onRenewed: (pair) => shown.show(pair),
  });
  ending.add(() => watched.close());
  const shown = showing(watched.pair, parts.clients);
  return { server: shown.server, caFile: null };
}

async function withOwn(parts: Parts): Promise<GatesServer> {
  const { config, certificates, ending, now, logger, every = betweenLooks } = parts;
  const names = ['localhost', '127.0.0.1', 'pratique', 'pratique.pratique.svc', ...config.gates.names];
  const ensure = () => ensureCertificate({ folder: certificates, names, now });
  const made = await ensure();
  const { server, show } = showing(made, parts.clients);
  let problem: string | null = null;
  const renew = async (): Promise<void> => {
    try {
      const renewed = await ensure();
      problem = null;
      if (renewed.made === 'nothing') return;
      show(renewed);
      const { caFile, expires } = renewed;
      logger.warn(
        { made: renewed.made, caFile, expires },
        'the port for gates has a new certificate; after a new authority the gates need its PEM file again',
      );
    } catch (error) {
      // Told once, and not twice a minute.
      if (errorText(error) !== problem)
        logger.error({ err: error }, 'the certificate of the port for gates could not be renewed');
      problem = errorText(error);
    }
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(renew);
  }, every);
  timer.unref();
  ending.add(async () => {
    clearInterval(timer);
    await running;
  });
  return { server, caFile: made.caFile };
}

/** A server that shows one certificate after the other, and asks for those of the authorities that hold now. */
function showing(first: Pair, clients: ClientAuthority | null) {
  let { cert, key } = first;
  const context = () => ({ ...askingFor(clients === null ? [] : [clients]), cert, key });
  const server = bounded(
    createTlsServer({
      ...timeouts,
      ...context(),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
    }),
  );
  clients?.onRenewed(() => server.setSecureContext(context()));
  const show = (pair: Pair): void => {
    ({ cert, key } = pair);
    server.setSecureContext(context());
  };
  return { server, show };
}

/** Whoever opens connections and is silent, or asks for its health alone, shuts no gate out. */
function bounded<Kind extends Server | TlsServer>(server: Kind): Kind {
  boundConnections(server, mostConnections);
  server.maxConnections = mostConnections + spare;
  return server;
}
