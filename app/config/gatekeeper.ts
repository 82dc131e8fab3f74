import { z } from 'zod';
import { strict } from './strict.ts';

const withinText = 'a time from 0.1s to 10s, such as 1.5s';
const withinPattern = /^([0-9]{1,2}(?:\.[0-9]{1,3})?)s$/;

/** Gatekeeper as a client of the webhook. */
export const gatekeeperSchema = strict({
  within: z
    .string({ error: withinText })
    .refine((value) => millisecondsOf(value) !== null, { error: withinText })
    .default('1.5s'),
  clientCa: z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' }).optional(),
});

export interface GatekeeperConfig {
  /** Milliseconds. */
  readonly within: number;
  /** PEM file; null: whoever asks is answered. */
  readonly clientCa: string | null;
}

export function buildGatekeeper(
  file: z.infer<typeof gatekeeperSchema> | undefined,
  at: (path: string) => string,
): GatekeeperConfig | null {
  if (file === undefined) return null;
  const within = millisecondsOf(file.within);
  if (within === null) throw new Error('the schema let a value through that it checks');
  return { within, clientCa: file.clientCa === undefined ? null : at(file.clientCa) };
}

function millisecondsOf(text: string): number | null {
  const seconds = Number(withinPattern.exec(text)?.[1] ?? Number.NaN);
  return seconds >= 0.1 && seconds <= 10 ? Math.round(seconds * 1000) : null;
}
