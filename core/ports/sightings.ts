import type { Digest } from '../digest.ts';

/** In place of the name of a cluster, where none is configured. People are shown `-`. */
export const noCluster = '';

/** For how long what was let in counts as running, in days: nobody looks whether it still does. */
export const runningDays = 30;

/** `cluster/namespace/workload`, for people. */
export function placeName({
  cluster,
  namespace,
  workload,
}: Pick<Sighting, 'cluster' | 'namespace' | 'workload'>): string {
  return `${cluster === noCluster ? '-' : cluster}/${namespace}/${workload}`;
}

/** Where an image was let in to run. Bounded: the newest ones are kept. */
export interface Sighting {
  readonly digest: Digest;
  /** `noCluster` where none is configured. */
  readonly cluster: string;
  readonly namespace: string;
  /** `Deployment/web`; the topmost owner that is known. */
  readonly workload: string;
  /** As it was asked for. */
  readonly image: string;
  /** Value of the label that names a team; null: it has none. */
  readonly team: string | null;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Places of one image that `sightingsOf` gives: an image may run everywhere. */
export const mostSightingsOf = 100;

export interface Sightings {
  /** Adds, or moves `lastAt`. */
  putSightings(seen: readonly Omit<Sighting, 'firstAt'>[]): Promise<void>;
  /** Seen at or after `since` (ISO 8601), by digest. */
  sightings(since: string): Promise<readonly Sighting[]>;
  /** Of these images, seen at or after `since` (ISO 8601): at most `mostSightingsOf` of each. */
  sightingsOf(digests: readonly Digest[], since: string): Promise<readonly Sighting[]>;
  forgetSightingsBefore(at: string): Promise<number>;
}
