import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** By which break-glasses are found. It opens nothing: what counts is the signature. */
export const glassLabel = 'pratique.dev/break-glass';
/** How the name of every one begins. */
export const glassPrefix = 'pratique-break-glass-';
export const shortestReason = 10;
const longestReason = 500;
export const mostNamespaces = 20;
const shortestKey = 32;

const namespace = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const namespaces = z
  .string()
  .max(mostNamespaces * 64)
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))].sort())
  .refine((names) => names.length <= mostNamespaces && names.every((name) => namespace.test(name)), {
    error: `is not a list of 1 to ${mostNamespaces} names of namespaces, separated by commas; there is no pattern for all`,
  });
const reason = z
  .string()
  .transform((text) => text.trim())
  .refine((text) => text.length >= shortestReason && text.length <= longestReason, {
    error: `is not a sentence of ${shortestReason} to ${longestReason} characters`,
  })
  .refine((text) => !/[\p{Cc}\p{Cf}]/u.test(text), { error: 'has characters that cannot be printed' });

/** What is asked for: the `data` of a ConfigMap before it was accepted. */
export const askedSchema = z.strictObject({
  namespaces,
  for: z.string().max(20),
  reason,
  // Of an earlier look at the same object, or written by who asks: all three are set anew.
  user: z.string().optional(),
  acceptedAt: z.string().optional(),
  until: z.string().optional(),
  signature: z.string().optional(),
});

/** For how long which namespaces are not held to what is refused, who has asked for it, and why. */
export interface Glass {
  /** Of the ConfigMap. */
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly reason: string;
  /** Whom the API server named. */
  readonly user: string;
  /** ISO 8601. */
  readonly acceptedAt: string;
  readonly until: string;
}

const time = z.iso.datetime();
const storedSchema = z.object({
  metadata: z.object({ name: z.string().max(253) }),
  data: z.object({
    namespaces,
    for: z.string().max(20),
    reason,
    user: z.string().max(1024),
    acceptedAt: time,
    until: time,
    signature: z.string().max(128),
  }),
});

/** What it is signed with: a key for this and nothing else, so that what is configured may serve others too. */
export function signingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'pratique break-glass 1', shortestKey));
}

/** Over all that is acted on, and over the name of the object: none can be had for another. */
export function signatureOf(
  key: Buffer,
  { name, namespaces, reason, user, acceptedAt, until }: Glass,
): string {
  // 1 was signed without knowing that it was an API server who asked.
  const text = JSON.stringify([2, name, namespaces, reason, user, acceptedAt, until]);
  return createHmac('sha256', key).update(text).digest('base64');
}

/** The break-glass of a ConfigMap that was accepted with this key and is as it was then; null: it is none. */
export function readGlass(key: Buffer, object: unknown): Glass | null {
  const result = storedSchema.safeParse(object);
  if (!result.success) return null;
  const { metadata, data } = result.data;
  const { namespaces, reason, user, acceptedAt, until } = data;
  const glass: Glass = { name: metadata.name, namespaces, reason, user, acceptedAt, until };
  const expected = Buffer.from(signatureOf(key, glass));
  const given = Buffer.from(data.signature);
  return expected.length === given.length && timingSafeEqual(expected, given) ? glass : null;
}

/** Milliseconds by which the clocks of two machines may differ. */
const clocksDiffer = 60_000;

/**
 * Whether it holds.
 * @param at milliseconds since 1970
 * @param longest milliseconds: what was accepted under a longer bound does not outlive a shorter one
 */
export function isOpen({ acceptedAt, until }: Glass, at: number, longest: number): boolean {
  const [from, to] = [Date.parse(acceptedAt), Date.parse(until)];
  return from - clocksDiffer <= at && at < Math.min(to, from + longest);
}
