import type { Server } from 'node:http';
import type { Logger } from '../core/ports/logger.ts';
import { hostedUpstream, repositoryKey } from '../core/repository.ts';
import type { Authorization } from '../proxy/auth/authorization.ts';
import { createAuthorization } from '../proxy/auth/authorize.ts';
import type { ProxyContext } from '../proxy/context.ts';
import { createPassThrough, type PassThrough } from '../proxy/pass-through.ts';
import { serveRegistry } from '../proxy/registry.ts';
import { createAddressing, type UpstreamAddressing } from '../registry/addressing.ts';
import { isOciError } from '../registry/oci-error.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { Config, Listen } from './config/config.ts';
import { formatListen } from './listen.ts';

/** Hosts that say "listen everywhere": nobody can be sent there. */
const anyAddress = new Set(['0.0.0.0', '::']);

export interface RegistryFront {
  readonly addressing: UpstreamAddressing;
  readonly authorization: Authorization;
  close(): void;
}

/**
 * Everything that stands on the registry port: names, authorization, lists, and the registry API itself.
 * @throws PratiqueError `config-invalid`, `data-unusable`
 */
export function serveRegistryPort(options: {
  readonly server: Server;
  readonly config: Config;
  /** Where the registry port and the management port listen. */
  readonly at: Listen | null;
  readonly managementAt: Listen | null;
  readonly tokenKey: string;
  readonly clients: ReadonlyMap<string, UpstreamClient>;
  readonly parts: Pick<ProxyContext, 'gate' | 'store' | 'hosted' | 'uploads' | 'onAnswer'>;
  readonly now: () => number;
  readonly logger: Logger;
}): RegistryFront {
  const { server, config, at, managementAt, clients, logger } = options;
  const hosts = [...config.publicNames, ...ownNames(at)];
  const addressing = createAddressing({ upstreams: config.upstreams, publicNames: hosts });
  const pushThrough: ProxyContext['pushThrough'] = new Map();
  const authorization = createAuthorization({
    auth: config.auth,
    hosts: [...ownNames(at), ...config.publicNames],
    pushPrefixes: [hostedUpstream, ...pushThrough.keys()],
    resolve: (name) => {
      const address = addressing.addressOf(name, null);
      return isOciError(address) ? null : repositoryKey(address);
    },
    keyFile: options.tokenKey,
    logger,
    now: options.now,
  });
  const passThroughs = new Map<string, PassThrough>();
  for (const { name, url, ca = null } of config.upstreams) {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`the upstream ${name} has no client`);
    passThroughs.set(name, createPassThrough({ upstreamUrl: url, ca, client, logger }));
  }
  const context: ProxyContext = {
    ...options.parts,
    addressing,
    authorization,
    pushThrough,
    logger,
    holds: { ordinary: config.hold, docker: config.dockerHold },
    reportUrl: (digest) =>
      managementAt === null || anyAddress.has(managementAt.host)
        ? null
        : `http://${formatListen(managementAt)}/api/v1/verdicts/${digest}`,
    passThrough: (request, response, passOn) => {
      const passThrough = passThroughs.get(passOn.upstream);
      if (passThrough === undefined) throw new Error(`no upstream is named ${passOn.upstream}`);
      return passThrough.pass(request, response, passOn);
    },
  };
  const { tokenApp } = authorization;
  server.on('request', (request, response) => {
    if (tokenApp !== null && request.url?.startsWith('/auth/') === true) {
      tokenApp(request, response);
      return;
    }
    serveRegistry(context, request, response).catch((error: unknown) => {
      logger.error({ err: error }, 'an answer could not be written');
      response.destroy();
    });
  });
  return {
    addressing,
    authorization,
    close: () => {
      for (const { close } of passThroughs.values()) close();
    },
  };
}

/** Names under which this machine's own clients reach the registry port. */
function ownNames(at: Listen | null): string[] {
  if (at === null) return [];
  return [...new Set([formatListen(at), `localhost:${at.port}`, `127.0.0.1:${at.port}`])];
}
