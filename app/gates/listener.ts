import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { schedule } from 'node-cron';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { ensureCertificate } from '../../webhook/certificate.ts';
import type { Config } from '../config/config.ts';
import type { Ending } from '../ending.ts';
import { type KeyPair, watchKeyPair } from '../tls-files.ts';

/** What other gates reach. */
export interface GatesServer {
  readonly server: Server | TlsServer;
  /** PEM file of the authority that signed its certificate; null: the operator brought one, or there is none. */
  readonly caFile: string | null;
}

/** Milliseconds. A long poll ends before. */
const requestTimeout = 60_000;
const keepAlive = 120_000;
const mostConnections = 1000;
/** A certificate is looked at once a day. */
const daily = '37 4 * * *';
const timeouts = {
  keepAliveTimeout: keepAlive,
  headersTimeout: 20_000,
  requestTimeout,
  maxHeaderSize: 16 * 1024,
};

/**
 * The server with its certificate, which is renewed without a restart. Does not listen yet.
 * @throws PratiqueError `config-invalid`, `data-unusable`
 */
export async function createGatesServer(options: {
  readonly config: Config;
  readonly certificates: string;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<GatesServer> {
  const { config, certificates, ending, now, logger } = options;
  const { tls, clientCa, names } = config.gates;
  if (tls === 'off') return { server: bounded(createServer(timeouts)), caFile: null };
  const asking =
    clientCa === null ? {} : { ca: readCa(clientCa), requestCert: true, rejectUnauthorized: false };
  const contextOf = ({ cert, key }: Pick<KeyPair, 'cert' | 'key'>) => ({ ...asking, cert, key });
  const serve = (pair: Pick<KeyPair, 'cert' | 'key'>): TlsServer =>
    bounded(
      createTlsServer({
        ...timeouts,
        ...contextOf(pair),
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: 10_000,
      }),
    );
  if (tls !== null) {
    let server: TlsServer | null = null;
    const watched = watchKeyPair({
      files: tls,
      setting: 'gates.tls',
      onRenewed: (pair) => server?.setSecureContext(contextOf(pair)),
      now,
      logger,
    });
    ending.add(() => watched.close());
    server = serve(watched.pair);
    return { server, caFile: null };
  }
  const own = ['localhost', '127.0.0.1', 'pratique', 'pratique.pratique.svc', ...names];
  const ensure = () => ensureCertificate({ folder: certificates, names: own, now });
  const made = await ensure();
  const server = serve(made);
  const renew = async (): Promise<void> => {
    try {
      const renewed = await ensure();
      if (renewed.made === 'nothing') return;
      server.setSecureContext(contextOf(renewed));
      const { caFile } = renewed;
      logger.warn(
        { made: renewed.made, caFile },
        'the port for gates has a new certificate; after a new authority the gates need its PEM file again',
      );
    } catch (error) {
      logger.error({ err: error }, 'the certificate of the port for gates could not be renewed');
    }
  };
  const renewal = schedule(daily, renew);
  ending.add(async () => {
    await renewal.destroy();
  });
  return { server, caFile: made.caFile };
}

function bounded<Kind extends Server | TlsServer>(server: Kind): Kind {
  server.maxConnections = mostConnections;
  return server;
}

/** @throws PratiqueError `config-invalid` */
function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PratiqueError(
      'config-invalid',
      `gates.clientCa: ${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
}
