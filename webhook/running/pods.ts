import type { Labels } from '../../core/context.ts';
import type { PodImage, RunningPod } from './pod.ts';

/** Of one Pod, beside what it shares with others. */
export interface PodRef {
  readonly uid: string;
  readonly name: string;
  /** Milliseconds since 1970; null: its node has not taken it yet. */
  readonly startedAt: number | null;
}

/** An image that runs for one who asks: as many Pods as share all of it. */
export interface Place extends PodImage {
  readonly key: string;
  readonly namespace: string;
  readonly workload: string;
  readonly account: string | null;
  readonly labels: Labels;
  /** By uid. */
  readonly pods: Map<string, PodRef>;
}

/** Pods of a cluster that are kept; Kubernetes is made for 150,000. */
export const mostPods = 150_000;
/** Images in places. */
const mostPlaces = 100_000;

/** What changed; must not throw. */
export interface PodsListener {
  /** The first Pod of a place has come. */
  readonly onPlace: (place: Place) => void;
  /** Its last Pod has gone. */
  readonly onGone: (place: Place) => void;
}

interface KeptPod {
  readonly ref: PodRef;
  readonly unread: number;
  readonly places: readonly Place[];
}

/**
 * The Pods that run, as places: Pods of one workload share one, so that memory goes with the workloads. What is beyond the
 * bounds is left out and counted.
 */
export class Pods {
  readonly #pods = new Map<string, KeptPod>();
  readonly #places = new Map<string, Place>();
  readonly #listener: PodsListener;
  #leftOut = 0;
  #unread = 0;

  constructor(listener: PodsListener) {
    this.#listener = listener;
  }

  get places(): Iterable<Place> {
    return this.#places.values();
  }

  get counts(): { readonly pods: number; readonly places: number; readonly unread: number } {
    return { pods: this.#pods.size, places: this.#places.size, unread: this.#unread + this.#leftOut };
  }

  put(pod: RunningPod): void {
    const before = this.#pods.get(pod.uid);
    if (before === undefined && this.#pods.size >= mostPods) {
      this.#leftOut += 1;
      return;
    }
    const ref = { uid: pod.uid, name: pod.name, startedAt: pod.startedAt };
    const places = pod.images.flatMap((image) => this.#join(pod, image, ref) ?? []);
    const unread = pod.unread + pod.images.length - places.length;
    this.#pods.set(pod.uid, { ref, unread, places });
    this.#unread += unread - (before?.unread ?? 0);
    const kept = new Set(places);
    for (const place of before?.places ?? []) if (!kept.has(place)) this.#leave(place, pod.uid);
  }

  remove(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    this.#pods.delete(uid);
    this.#unread -= pod.unread;
    for (const place of pod.places) this.#leave(place, uid);
  }

  /** All that run are these; others are gone. */
  keepOnly(uids: ReadonlySet<string>): void {
    this.#leftOut = 0;
    for (const uid of [...this.#pods.keys()]) if (!uids.has(uid)) this.remove(uid);
  }

  clear(): void {
    this.keepOnly(new Set());
  }

  #join(pod: RunningPod, { image, id }: PodImage, ref: PodRef): Place | null {
    const { namespace, workload, account, labels } = pod;
    const key = JSON.stringify([namespace, workload, account, Object.entries(labels), image, id]);
    let place = this.#places.get(key);
    const isNew = place === undefined;
    if (place === undefined) {
      if (this.#places.size >= mostPlaces) return null;
      place = { key, namespace, workload, account, labels, image, id, pods: new Map() };
      this.#places.set(key, place);
    }
    place.pods.set(ref.uid, ref);
    if (isNew) this.#listener.onPlace(place);
    return place;
  }

  #leave(place: Place, uid: string): void {
    place.pods.delete(uid);
    if (place.pods.size > 0) return;
    this.#places.delete(place.key);
    this.#listener.onGone(place);
  }
}
