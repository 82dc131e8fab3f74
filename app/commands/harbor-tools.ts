import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { createHarborApi, type HarborApi } from '../harbor/api.ts';
import { createHarborClient, type HarborConnection } from '../harbor/client.ts';
import type { Yardstick } from '../harbor/diagnose.ts';
import { formatListen } from '../listen.ts';
import { configuredSet, policyAt } from './policy-source.ts';

/** Clock and waiting, handed in by tests. */
export interface Tools {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export const realTools: Tools = {
  now: Date.now,
  sleep: async (milliseconds) => {
    await pause(milliseconds);
  },
};

export function apiOf(connection: HarborConnection): HarborApi {
  return createHarborApi(createHarborClient(connection));
}

/** What a Harbor is measured by: the configuration's policy and the names of its registry port. */
export function yardstickOf(sources: ConfigSources, now: number): Yardstick {
  const config = loadConfig(sources);
  const { maxAge, maxAgeMilliseconds } = policyAt('harbor', configuredSet(config)).require.advisories;
  return { age: { text: maxAge, milliseconds: maxAgeMilliseconds }, ownHosts: hostsOf(config), now };
}

function hostsOf({ listen, publicNames }: Config): readonly string[] {
  const { registry } = listen;
  return registry === null
    ? publicNames
    : [...publicNames, formatListen(registry), `localhost:${registry.port}`];
}
