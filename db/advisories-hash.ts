import { createHash } from 'node:crypto';
import type { Advisory } from '../core/ports/advisories.ts';

/** Bytes; a hundred thousand records do not meet by chance in so many. */
const length = 12;

/**
 * Over everything that can show in a finding. When a record was last touched (`modified`) is not among it: feeds touch
 * records without changing what they say.
 */
export function hashOf({ modified: _, ...said }: Advisory): Uint8Array {
  const { id, kind, aliases, upstream, summary, url, severity, cvss, published, affected } = said;
  const text = JSON.stringify([
    [id, kind, aliases, upstream, summary, url, severity, cvss?.vector, cvss?.score, published],
    affected.map((one) => [
      [one.ecosystem, one.name, one.severity, one.state, one.note],
      one.ranges,
      one.versions,
    ]),
  ]);
  return createHash('sha256').update(text).digest().subarray(0, length);
}
