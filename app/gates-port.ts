import type { Registry } from 'prom-client';
import type { PratiqueEvent } from '../core/event.ts';
import type { FactFinder } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { identifyBy } from '../proxy/gates/identity.ts';
import type { Replicas } from '../proxy/gates/replicas.ts';
import { createGates } from '../proxy/gates/server.ts';
import type { UpstreamAddressing } from '../registry/addressing.ts';
import { watchClientAuthority } from './client-authority.ts';
import type { Config, Listen } from './config/config.ts';
import type { Ending } from './ending.ts';
import { groundOf } from './gates/ground.ts';
import { createHeldImages, type HeldImagesParts } from './gates/images.ts';
import { createGatesServer } from './gates/listener.ts';
import { watchTokens } from './gates/tokens.ts';
import { createVet } from './gates/vet.ts';
import { createGatesMetrics } from './metrics-gates.ts';
import type { PolicyInForce } from './policy/in-force.ts';
import type { RegistryFront } from './registry-front.ts';

/** Where gates that run on their own ask, and the PEM file of the authority that they trust; null when the operator brought a certificate. */
export interface GatesPort {
  readonly at: Listen | null;
  readonly caFile: string | null;
}

/**
 * The port for gates that run on their own, if it is to listen.
 * @throws PratiqueError `config-invalid`, `data-unusable`, `port-taken`
 */
export async function startGates(options: {
  readonly config: Config;
  /** Folder of its own authority and certificate. */
  readonly certificates: string;
  readonly records: StateRecords;
  readonly gate: FactFinder;
  readonly addressing: UpstreamAddressing;
  readonly names: RegistryFront['names'];
  readonly inForce: Pick<PolicyInForce, 'made'>;
  readonly images: Pick<HeldImagesParts, 'platforms' | 'limits'>;
  readonly onEvent: (event: PratiqueEvent) => void;
  readonly registers: Registry;
  /** Told of those that follow. */
  readonly replicas: Replicas;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<GatesPort> {
  const { config, records, replicas, ending, now, logger } = options;
  if (config.listen.gates === null) return { at: null, caFile: null };
  const { tokens: sources, clientCa, required } = config.gates;
  const clients =
    clientCa === null
      ? null
      : watchClientAuthority({
          ...{ file: clientCa, setting: 'gates.clientCa', names: null, ending, now, logger },
        });
  const tokens = watchTokens(sources, logger);
  ending.add(() => tokens.close());
  const names = {
    // What is asked of names is whether port 80 may be left out: the rest of an address is nobody's.
    upstreams: config.upstreams.map(({ name, namespace, url }) => ({
      name,
      namespace,
      url: url.startsWith('http://') ? `http://${namespace}` : null,
    })),
    publicNames: options.names.hosts,
    boundNames: Object.fromEntries(options.names.bound),
  };
  const app = createGates({
    identify: identifyBy({
      tokens: () => tokens.list(),
      hasSigned: clients === null ? null : (socket) => clients.hasSigned(socket),
      required,
    }),
    stream: records,
    lastCursor: () => records.lastCursor(),
    ground: groundOf(() => options.inForce.made, names),
    images: createHeldImages({ ...options.images, records }),
    vet: createVet({ gate: options.gate, addressing: options.addressing, records, logger }),
    putRunning: (report) => records.putRunning(report),
    onEvent: options.onEvent,
    onAnswer: createGatesMetrics(options.registers, replicas),
    replicas,
    now,
    logger,
  });
  const { server, caFile } = await createGatesServer({ ...options, clients });
  server.on('request', app);
  const at = await ending.open(server, config.listen.gates, 'gates');
  return { at, caFile };
}
