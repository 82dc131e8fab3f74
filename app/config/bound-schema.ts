import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import { canonicalHost } from '../../core/reference.ts';
import { hostedUpstream } from '../../core/repository.ts';
import { strict } from './strict.ts';

const atText = 'HOST:PORT';
const atPattern = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/;
const hostText = 'a host as clients write it, with its port unless that is 443';
const most = 100;

const isPort = (value: string): boolean => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535;

/** A port, or host names, where one upstream's repositories are asked for without its name before them. */
const bound = strict({
  upstream: z.string({ error: 'the name of an upstream, or "hosted"' }),
  at: z
    .string({ error: atText })
    .refine((value) => atPattern.test(value) && isPort(value), { error: atText })
    .optional(),
  hosts: z
    .array(
      z.string({ error: hostText }).refine((value) => canonicalHost(value) !== null, { error: hostText }),
      { error: 'a list of hosts' },
    )
    .max(most, { error: `at most ${most} hosts` })
    .default([]),
}).refine((value) => value.at !== undefined || value.hosts.length > 0, {
  error: 'a port (at), or hosts, or both',
});

export const boundListSchema = z
  .array(bound, { error: 'a list of upstreams with ports or hosts' })
  .max(most, { error: `at most ${most} ports and hosts that are bound` })
  .default([]);

/** One entry of `listen.bound`. */
export interface BoundPlace {
  /** Name of an upstream, or `hosted`. */
  readonly upstream: string;
  /** A port of its own; null: hosts alone. */
  readonly at: { readonly host: string; readonly port: number } | null;
  /** As clients write them in `Host`. */
  readonly hosts: readonly string[];
}

/** @throws PratiqueError `config-invalid` for an upstream that there is not */
export function buildBound(
  entries: z.infer<typeof boundListSchema>,
  upstreams: readonly { readonly name: string }[],
  listenOf: (text: string) => BoundPlace['at'],
  fileName: string,
): BoundPlace[] {
  const names = [...upstreams.map(({ name }) => name), hostedUpstream];
  return entries.map(({ upstream, at, hosts }, index) => {
    if (!names.includes(upstream)) {
      throw new PratiqueError(
        'config-invalid',
        `${fileName} listen.bound[${index}].upstream: found "${upstream}", allowed ${names.join(', ')}`,
        { upstream },
      );
    }
    return { upstream, at: at === undefined ? null : listenOf(at), hosts };
  });
}
