import { z } from 'zod';
import { parseNetwork } from '../../proxy/client-address.ts';
import { defaultPullerLimits, type PullerLimits } from '../../vetting/pullers.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

/** A certificate and its key, PEM files that are read again when they change. */
export const tlsSchema = strict({ certificate: text, key: text });

const network = z
  .string({ error: 'an address or a network such as 10.0.0.0/8' })
  .refine((value) => parseNetwork(value) !== null, { error: 'an address or a network such as 10.0.0.0/8' });
/** Whose `X-Forwarded-For` is believed. */
export const trustedProxiesSchema = z
  .array(network, { error: 'a list of addresses and networks' })
  .max(100, { error: 'at most 100 addresses and networks' })
  .default([]);

const boundText = 'a whole number above 0, or "off"';
const bound = z.union([z.int().positive(), z.literal('off')], { error: boundText });

/** What one who pulls may set going. */
export const perPullerSchema = strict({
  concurrentVettings: bound.default(defaultPullerLimits.concurrent),
  vettingsPerHour: bound.default(defaultPullerLimits.vettingsPerHour),
  bytesPerHour: bound.default(defaultPullerLimits.bytesPerHour),
}).prefault({});

export const connectionDefaults = { all: 10_000, perAddress: 2_000 } as const;
const connections = z.int({ error: 'a whole number from 1 to 1000000' }).min(1).max(1_000_000, {
  error: 'a whole number from 1 to 1000000',
});
export const connectionsSchema = connections.default(connectionDefaults.all);
export const connectionsPerAddressSchema = connections.default(connectionDefaults.perAddress);

export function buildPerPuller(file: z.infer<typeof perPullerSchema>): PullerLimits {
  const of = (value: number | 'off'): number => (value === 'off' ? Number.POSITIVE_INFINITY : value);
  return {
    concurrent: of(file.concurrentVettings),
    vettingsPerHour: of(file.vettingsPerHour),
    bytesPerHour: of(file.bytesPerHour),
  };
}
