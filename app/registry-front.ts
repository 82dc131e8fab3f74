import type { AccessToken } from '../core/ports/access-tokens.ts';
import type { HostedRecords, PushGate } from '../core/ports/hosted.ts';
import type { Logger } from '../core/ports/logger.ts';
import { hostedUpstream, repositoryKey } from '../core/repository.ts';
import type { UpstreamReach } from '../proxy/agent.ts';
import type { Authorization } from '../proxy/auth/authorization.ts';
import { createAuthorization } from '../proxy/auth/authorize.ts';
import { createKnownTokens } from '../proxy/auth/known-tokens.ts';
import { createBindings } from '../proxy/bindings.ts';
import type { ClientAddresses } from '../proxy/client-address.ts';
import type { ProxyContext } from '../proxy/context.ts';
import { createPassThrough, type PassThrough } from '../proxy/pass-through.ts';
import { boundBody, hasBody } from '../proxy/push/body.ts';
import { smallBodyPace } from '../proxy/push/body-pace.ts';
import { createForwarder } from '../proxy/push/forward.ts';
import { mountPath } from '../proxy/push/mount.ts';
import type { PushThrough } from '../proxy/push/port.ts';
import { createPushThrough } from '../proxy/push/through.ts';
import { serveRegistry } from '../proxy/registry.ts';
import { createFallbackStop } from '../proxy/stop-fallback.ts';
import { createAddressing, type UpstreamAddressing } from '../registry/addressing.ts';
import { admittedOnly } from '../registry/admitted.ts';
import { isOciError } from '../registry/oci-error.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { UpstreamConfig } from '../registry/upstream/config.ts';
import type { Config, Listen } from './config/config.ts';
import { formatListen } from './listen.ts';
import { boundNames, ownNames, type RegistryPorts } from './registry-ports.ts';

/** Hosts that say "listen everywhere": nobody can be sent there. */
const anyAddress = new Set(['0.0.0.0', '::']);

export interface RegistryFront {
  readonly addressing: UpstreamAddressing;
  readonly authorization: Authorization;
  /** Hosts by which clients know the whole of it, and hosts of one upstream each. */
  readonly names: { readonly hosts: readonly string[]; readonly bound: ReadonlyMap<string, string> };
  close(): Promise<void>;
}

/**
 * Everything that stands on the registry port: names, authorization, lists, and the registry API itself.
 * @throws PratiqueError `config-invalid`, `data-unusable`
 */
export function serveRegistryPort(options: {
  readonly ports: RegistryPorts;
  readonly config: Config;
  /** Where the management port listens. */
  readonly managementAt: Listen | null;
  readonly tokenKeys: string;
  /** Whether the registry port speaks TLS. */
  readonly tls: boolean;
  readonly addresses: ClientAddresses;
  /** Those in force; null: they cannot be known at the moment. */
  readonly accessTokens: () => readonly AccessToken[] | null;
  readonly clients: ReadonlyMap<string, UpstreamClient>;
  /** A client whose tokens are good for pushes. */
  readonly pushClient: (upstream: UpstreamConfig) => UpstreamClient;
  readonly parts: Pick<
    ProxyContext,
    'gate' | 'store' | 'inUse' | 'hosted' | 'uploads' | 'onAnswer' | 'onHold' | 'onDecision'
  >;
  readonly pushGate: PushGate;
  readonly repositories: Pick<HostedRecords, 'listRepositories'>;
  readonly now: () => number;
  readonly logger: Logger;
}): RegistryFront {
  const { ports, config, managementAt, clients, logger } = options;
  const hosts = [...config.publicNames, ...ownNames(ports.at)];
  const bound = boundNames(ports.bound);
  const bindings = createBindings(bound);
  const addressing = admittedOnly(
    createAddressing({ upstreams: config.upstreams, publicNames: hosts, boundNames: bound }),
    config.upstreams,
  );
  const authorization = createAuthorization({
    auth: config.auth,
    hosts: [...hosts, ...bound.keys()],
    boundTo: (request) => bindings.of(request),
    pushPrefixes: [
      hostedUpstream,
      ...config.upstreams.flatMap(({ name, push = 'off' }) => (push === 'off' ? [] : [name])),
    ],
    resolve: (name, below) => {
      const address = addressing.addressOf(name, null, below);
      return isOciError(address) ? null : repositoryKey(address);
    },
    closed: config.upstreams.flatMap(({ name, private: closed = false }) => (closed ? [name] : [])),
    keyFile: options.tokenKeys,
    accessTokens: createKnownTokens(options.accessTokens, options.now),
    tls: options.tls,
    addressOf: (request) => options.addresses.of(request),
    logger,
    now: options.now,
  });
  const pushClients: UpstreamClient[] = [];
  const passThroughs = new Map<string, PassThrough>();
  for (const upstream of config.upstreams) {
    const { name, url } = upstream;
    const client = clients.get(name);
    if (client === undefined) throw new Error(`the upstream ${name} has no client`);
    passThroughs.set(name, createPassThrough({ ...reachOf(upstream), upstreamUrl: url, client, logger }));
  }
  const holds = { ordinary: config.hold, docker: config.dockerHold };
  const reportUrl = (digest: string): string | null =>
    managementAt === null || anyAddress.has(managementAt.host)
      ? null
      : `http://${formatListen(managementAt)}/api/v1/verdicts/${digest}`;
  const pushThrough = new Map<string, PushThrough>();
  for (const upstream of config.upstreams) {
    const { name, url, push = 'off' } = upstream;
    if (push === 'off') continue;
    const client = options.pushClient(upstream);
    pushClients.push(client);
    pushThrough.set(
      name,
      createPushThrough({
        ...options.parts,
        mode: push,
        upstreamUrl: url,
        client,
        forwarder: createForwarder({ ...reachOf(upstream), upstream: name, url }),
        gate: options.pushGate,
        holds,
        reportUrl,
        mountSource: (...asked) => mountPath(options.parts, ...asked),
        logger,
      }),
    );
  }
  const context: ProxyContext = {
    ...options.parts,
    addressing,
    bindings,
    authorization,
    pushThrough,
    logger,
    holds,
    stopsFallback: createFallbackStop(config.stopFallback),
    reportUrl,
    lists: clients,
    catalog: {
      upstreams: [hostedUpstream, ...config.upstreams.map(({ name }) => name)],
      repositories: options.repositories,
    },
    passThrough: (request, response, passOn) => {
      const passThrough = passThroughs.get(passOn.upstream);
      if (passThrough === undefined) throw new Error(`no upstream is named ${passOn.upstream}`);
      return passThrough.pass(request, response, passOn);
    },
  };
  const { tokenApp } = authorization;
  for (const { server, bound: upstream } of ports.ports) {
    server.on('request', (request, response) => {
      if (tokenApp !== null && request.url?.startsWith('/auth/') === true) {
        if (hasBody(request)) boundBody(request, response, smallBodyPace);
        tokenApp(request, response);
        return;
      }
      if (upstream !== null) bindings.came(request, upstream);
      serveRegistry(context, request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'an answer could not be written');
        response.destroy();
      });
    });
  }
  return {
    addressing,
    authorization,
    names: { hosts, bound },
    close: async () => {
      for (const { close } of [...passThroughs.values(), ...pushThrough.values()]) close();
      for (const client of pushClients) await client.close();
    },
  };
}

function reachOf({ ca, clientCertificate, proxies }: UpstreamConfig): UpstreamReach {
  return {
    ca: ca ?? null,
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(proxies === undefined ? {} : { proxies }),
  };
}
