import type { Digest } from '../digest.ts';

/** In place of the name of a cluster, where none is configured. People are shown `-`. */
export const noCluster = '';

/**
 * For how long what was let in counts as running, in days, where nobody looks whether it still does: in clusters that do not
 * tell what runs in them.
 */
export const runningDays = 30;

/** `cluster/namespace/workload`, for people. */
export function placeName({
  cluster,
  namespace,
  workload,
}: Pick<Sighting, 'cluster' | 'namespace' | 'workload'>): string {
  return `${cluster === noCluster ? '-' : cluster}/${namespace}/${workload}`;
}

/** Where an image was let in to run, or was seen running. Bounded: the newest ones are kept. */
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

/** An image that runs in a cluster. */
export type RunningImage = Pick<Sighting, 'digest' | 'namespace' | 'workload' | 'image' | 'team'>;

/** Version of what a cluster tells of the images that run in it (`POST /gates/v1/running`). */
export const runningSchemaVersion = 1;
/** Images of one report, those that have stopped among them. */
export const mostRunningOfReport = 1000;

/**
 * What runs in a cluster, told by somebody who looks at all of its Pods. A look at the whole cluster comes in parts, the last
 * of them `whole`; what has changed since comes in further parts of the same look.
 */
export interface RunningReport {
  /** `noCluster` where none is configured. */
  readonly cluster: string;
  /** ISO 8601: when it was so. */
  readonly at: string;
  /** Names the look: at most 64 letters, digits and hyphens. Another one begins anew. */
  readonly look: string;
  readonly running: readonly RunningImage[];
  readonly stopped: readonly Pick<RunningImage, 'digest' | 'namespace' | 'workload'>[];
  /** Whatever else was known of the cluster, and was in no part of this look, runs no longer. */
  readonly whole: boolean;
}

/** A cluster that tells what runs in it. */
export interface WatchedCluster {
  readonly cluster: string;
  /** ISO 8601: when it was told last. */
  readonly at: string;
}

/** For how long a cluster's word holds, hours: one that has told nothing for longer is not watched any more. */
export const watchedHours = 3;

export interface Sightings {
  /** Adds, or moves `lastAt`. */
  putSightings(seen: readonly Omit<Sighting, 'firstAt'>[]): Promise<void>;
  /** Of the parts of a look each is one transaction. */
  putRunning(report: RunningReport): Promise<void>;
  /** Those that have told what runs in them at or after `since` (ISO 8601), by name. */
  watchedClusters(since: string): Promise<readonly WatchedCluster[]>;
  /** Seen at or after `since` (ISO 8601), and not known to have stopped, by digest. */
  sightings(since: string): Promise<readonly Sighting[]>;
  /** Of these images, as above: at most `mostSightingsOf` of each. */
  sightingsOf(digests: readonly Digest[], since: string): Promise<readonly Sighting[]>;
  forgetSightingsBefore(at: string): Promise<number>;
}
