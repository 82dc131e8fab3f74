import { createHmac, timingSafeEqual } from 'node:crypto';

export const signatureHeader = 'Pratique-Signature';

/** Seconds: how old a signature may be where it is verified. */
export const defaultTolerance = 300;

/**
 * `t=<seconds since 1970>,v1=<64 hex digits>`: HMAC-SHA256 with the secret over `<t>.<body>`, so that neither can be
 * changed, and an old request cannot be sent again for long.
 */
export function sign(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${digestOf(secret, seconds, body).toString('hex')}`;
}

/** What a receiver has to check. @param now milliseconds since 1970 @param tolerance seconds */
export function verifySignature(
  secret: string,
  header: string,
  body: string,
  now: number,
  tolerance = defaultTolerance,
): boolean {
  const match = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  const seconds = Number(match[1]);
  if (Math.abs(now / 1000 - seconds) > tolerance) return false;
  return timingSafeEqual(digestOf(secret, seconds, body), Buffer.from(match[2], 'hex'));
}

function digestOf(secret: string, seconds: number, body: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
}
