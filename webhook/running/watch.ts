import { z } from 'zod';
import type { ClusterClient } from '../cluster/client.ts';
import type { Wait } from '../cluster/wait.ts';
import type { NamespaceLabels } from '../namespaces.ts';
import { followPods, type PodSink } from './follow.ts';
import { Inspection } from './inspection.ts';
import { holdsAll } from './kept-labels.ts';
import { KubeEvents } from './kube-events.ts';
import type { RunningOptions } from './options.ts';
import { readPod } from './pod.ts';
import { type Place, Pods } from './pods.ts';
import type { Judged } from './policy-report.ts';
import { writeReports } from './report-writer.ts';
import { reportRunning } from './reporting.ts';
import { countRunning, runningImages, worstRows } from './rows.ts';
import { judgePlace } from './said.ts';
import { hasGoneBad, type Standing } from './standing.ts';
import type { RunningView } from './view.ts';

export interface WatchOptions extends RunningOptions {
  readonly client: ClusterClient;
  readonly namespaces: NamespaceLabels;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  /** Labels of Pods that are looked at now. */
  readonly kept: () => ReadonlySet<string>;
}

const withUid = z.object({ metadata: z.object({ uid: z.string() }) });

const nothing = { fail: 0, error: 0, unjudged: 0, warn: 0, pass: 0 };
export const nothingSeen: Omit<RunningView, 'leader' | 'holder'> = {
  ...{ synced: false, trouble: null, pods: 0, unread: 0, waiting: 0, rows: [], total: 0 },
  counts: { images: nothing, refused: 0, wentBad: 0, fixable: 0 },
  events: { written: 0, dropped: 0 },
};

/** One process's look at the cluster, from when it holds the lease until it does not. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #pods: Pods;
  readonly #inspection: Inspection;
  readonly #events: KubeEvents | null;
  #kept: ReadonlySet<string>;
  #relist = new AbortController();
  #synced = false;
  #settled = false;
  #trouble: string | null = null;
  #unreadable = 0;
  #version = 0;

  constructor(options: WatchOptions) {
    const { now, wait, signal, logger } = options;
    this.#options = options;
    this.#kept = options.kept();
    this.#events = options.events
      ? new KubeEvents({
          client: options.client,
          identity: options.lease.identity,
          now,
          wait,
          signal,
          logger,
        })
      : null;
    this.#inspection = new Inspection({
      judge: (place, milliseconds) => judgePlace(options, place, milliseconds),
      onStanding: (place, before, after) => this.#stands(place, before, after),
      ...{ now, wait, signal, logger },
    });
    this.#pods = new Pods({
      onPlace: (place) => {
        this.#version += 1;
        this.#inspection.add(place);
      },
      onGone: (place) => {
        this.#version += 1;
        this.#inspection.remove(place);
      },
    });
  }

  async run(): Promise<void> {
    const { cluster, tell, reports, client, wait, now, signal, logger } = this.#options;
    await Promise.all([
      this.#follow(),
      this.#inspection.run(),
      reportRunning({ cluster, tell, wait, now, signal, logger, running: () => this.#running() }),
      this.#events?.run(),
      reports === null
        ? null
        : writeReports({
            ...{ client, kind: reports, wait, signal, logger },
            version: () => this.#version,
            judged: () => this.#judged(),
          }),
    ]);
  }

  poke(): void {
    if (!holdsAll(this.#kept, this.#options.kept())) this.#relist.abort();
    this.#inspection.poke();
  }

  view(limit: number): Omit<RunningView, 'leader' | 'holder'> {
    const { pods, places, unread } = this.#pods.counts;
    const standingOf = (place: Place): Standing | null => this.#inspection.of(place);
    return {
      synced: this.#synced,
      trouble: this.#trouble,
      pods,
      unread: unread + this.#unreadable,
      waiting: this.#inspection.waiting,
      counts: countRunning(this.#pods.places, standingOf),
      events: this.#events?.counts ?? nothingSeen.events,
      rows: limit === 0 ? [] : worstRows(this.#pods.places, standingOf, limit),
      total: places,
    };
  }

  /** Where other labels are looked at than were kept, everything is listed again. */
  async #follow(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      this.#relist = new AbortController();
      this.#kept = this.#options.kept();
      await followPods({
        ...this.#options,
        signal: AbortSignal.any([signal, this.#relist.signal]),
        sink: this.#sink(this.#kept),
      });
    }
  }

  #sink(kept: ReadonlySet<string>): PodSink {
    let listed: Set<string> | null = null;
    return {
      begin: () => {
        listed = new Set();
        this.#unreadable = 0;
      },
      put: (object) => {
        const pod = readPod(object, kept);
        if (pod === 'unreadable') this.#unreadable += 1;
        else if (pod === null) this.#remove(object);
        else {
          this.#pods.put(pod);
          listed?.add(pod.uid);
        }
      },
      whole: () => {
        if (listed !== null) this.#pods.keepOnly(listed);
        listed = null;
        this.#synced = true;
      },
      gone: (object) => this.#remove(object),
      unreadable: () => {
        this.#unreadable += 1;
      },
      trouble: (why) => {
        this.#trouble = why;
      },
    };
  }

  #remove(object: unknown): void {
    const parsed = withUid.safeParse(object);
    if (parsed.success) this.#pods.remove(parsed.data.metadata.uid);
  }

  #stands(place: Place, before: Standing | null, after: Standing): void {
    if (before === null || !isSame(before, after)) this.#version += 1;
    if (this.#events === null || after.bad === null || !hasGoneBad(before, after)) return;
    this.#events.tell(place, { ...after, bad: after.bad });
  }

  #running(): ReturnType<typeof runningImages> | null {
    if (!this.#synced || this.#trouble !== null) return null;
    return runningImages(this.#pods.places, (place) => this.#inspection.of(place));
  }

  /** null until all that runs was judged once, so that nothing is told anew that is only not known yet. */
  #judged(): ReadonlyMap<string, readonly Judged[]> | null {
    if (!this.#synced || this.#trouble !== null) return null;
    this.#settled ||= this.#inspection.waiting === 0;
    if (!this.#settled) return null;
    const byNamespace = new Map<string, Judged[]>();
    for (const place of this.#pods.places) {
      const judged = { place, standing: this.#inspection.of(place) };
      const known = byNamespace.get(place.namespace);
      if (known === undefined) byNamespace.set(place.namespace, [judged]);
      else known.push(judged);
    }
    return byNamespace;
  }
}

function isSame(a: Standing, b: Standing): boolean {
  return JSON.stringify([a.said, a.bad]) === JSON.stringify([b.said, b.bad]);
}
