import type { VerdictChange } from '../core/change.ts';
import { type Digest, parseDigest } from '../core/digest.ts';
import { noSubject, type PratiqueEvent } from '../core/event.ts';
import type { Sighting } from '../core/ports/sightings.ts';

export const start = Date.parse('2026-11-24T08:00:00.000Z');

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The digest of the image with this number. */
export function digestOf(number: number): Digest {
  const digest = parseDigest(`sha256:${number.toString(16).padStart(64, '0')}`);
  if (digest === null) throw new Error(`no digest of ${number}`);
  return digest;
}

export function verdictChange(over: Partial<VerdictChange> = {}): VerdictChange {
  return {
    kind: 'verdict',
    cursor: 1,
    at: iso(start),
    digest: digestOf(1),
    policy: 'baseline',
    images: ['docker.io/library/nginx'],
    from: 'pass',
    to: 'fail',
    cause: 'advisories',
    reasons: ['CVE-2026-1 critical in openssl 3.0.1 (fixed in 3.0.2)'],
    newlyDenying: ['DEBIAN-CVE-2026-1'],
    ...over,
  };
}

export function sighting(over: Partial<Sighting> = {}): Sighting {
  return {
    digest: digestOf(1),
    cluster: 'prod',
    namespace: 'shop',
    workload: 'Deployment/web',
    image: 'nginx',
    team: null,
    firstAt: iso(start),
    lastAt: iso(start),
    ...over,
  };
}

export function event(over: Partial<PratiqueEvent> = {}): PratiqueEvent {
  return {
    kind: 'verdict-changed',
    severity: 'warning',
    at: iso(start),
    group: 'CVE-2026-1 baseline refused',
    title: 'CVE-2026-1: docker.io/library/nginx passes no longer by policy "baseline"',
    reasons: ['CVE-2026-1 critical in openssl 3.0.1 (fixed in 3.0.2)'],
    subject: {
      ...noSubject,
      image: 'docker.io/library/nginx',
      digest: digestOf(1),
      policy: 'baseline',
      advisories: ['CVE-2026-1'],
    },
    ...over,
  };
}
