import { createHash } from 'node:crypto';
import type { Logger } from '../../core/ports/logger.ts';
import { oneLine } from '../../policy/text.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import type { Wait } from '../cluster/wait.ts';
import type { Place, PodRef } from './pods.ts';
import type { Bad, Standing } from './standing.ts';
import { whatIsWrong } from './words.ts';

export const wentBadReason = 'PratiqueImageWentBad';

/** Pods of one place that are told of: a thousand replicas say the same. */
const mostOfPlace = 5;
/** Events that wait to be written; and how many are written at once when it begins, and each second after that. */
const mostWaiting = 500;
const burst = 50;
const perSecond = 2;
/** Characters (core/v1, `Event.message`). */
const longestMessage = 1024;
/** Characters of a name that is made of a Pod's and of 17 more (Kubernetes, "Object Names and IDs"). */
const longestPodName = 230;

export interface KubeEventsOptions {
  readonly client: ClusterClient;
  /** Of this process; Kubernetes shows it beside what is told. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

interface PodEvent {
  readonly namespace: string;
  readonly body: object;
}

/**
 * An Event of core/v1 on a Pod whose image went bad. Its name says what it tells, so that it is written once whoever tells
 * it, and however often. Pure.
 */
export function wentBadEvent(
  place: Pick<Place, 'namespace' | 'image'>,
  pod: Pick<PodRef, 'uid' | 'name'>,
  standing: Standing & { readonly bad: Bad },
  by: { readonly identity: string; readonly at: string },
): PodEvent {
  const { namespace } = place;
  const { said, bad } = standing;
  const told = createHash('sha256')
    .update(JSON.stringify([pod.uid, said.image, bad.since]))
    .digest('hex');
  const message = oneLine(`${said.image} went bad at ${bad.since}: ${whatIsWrong(said)}`, longestMessage);
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: `${pod.name.slice(0, longestPodName)}.${told.slice(0, 16)}` },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.name, uid: pod.uid },
    reason: wentBadReason,
    message,
    type: 'Warning',
    source: { component: 'pratique' },
    reportingComponent: 'pratique.dev/running',
    reportingInstance: by.identity.slice(0, 128),
    firstTimestamp: by.at,
    lastTimestamp: by.at,
    count: 1,
  };
  return { namespace, body };
}

/** Writes Events to the cluster, one after the other and not too many; what is too much is counted and told in the log. */
export class KubeEvents {
  readonly #options: KubeEventsOptions;
  #waiting: PodEvent[] = [];
  #came = new AbortController();
  #dropped = 0;
  #written = 0;
  #tokens = burst;
  #filledAt: number;
  #isRefused = false;

  constructor(options: KubeEventsOptions) {
    this.#options = options;
    this.#filledAt = options.now();
  }

  get counts(): { readonly written: number; readonly dropped: number } {
    return { written: this.#written, dropped: this.#dropped };
  }

  /** Never throws. */
  tell(place: Place, standing: Standing & { readonly bad: Bad }): void {
    const { identity, now } = this.#options;
    const at = `${new Date(now()).toISOString().slice(0, 19)}Z`;
    let left = mostOfPlace;
    for (const pod of place.pods.values()) {
      if (left === 0) break;
      left -= 1;
      if (this.#waiting.length >= mostWaiting) this.#dropped += 1;
      else this.#waiting.push(wentBadEvent(place, pod, standing, { identity, at }));
    }
    this.#came.abort();
  }

  /** Until the signal. */
  async run(): Promise<void> {
    const { signal, wait, logger } = this.#options;
    let told = 0;
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (this.#dropped > told)
          logger.warn({ lost: this.#dropped - told }, 'Events on Pods were left out: too many at once');
        told = this.#dropped;
        this.#came = new AbortController();
        await wait(3_600_000, AbortSignal.any([signal, this.#came.signal]));
        continue;
      }
      await this.#slowly();
      await this.#write(next);
    }
  }

  async #slowly(): Promise<void> {
    const { now, wait, signal } = this.#options;
    const at = now();
    const gained = (Math.max(0, at - this.#filledAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#filledAt = at;
    if (this.#tokens < 1) await wait(1000 / perSecond, signal);
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  async #write({ namespace, body }: PodEvent): Promise<void> {
    const { client, signal, logger } = this.#options;
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
      const answer = await client.call({ method: 'POST', path, body, signal });
      // 409: it is written already. 403 of a namespace that is going away, and 404 of one that has gone, are the same to us.
      if (answer.status < 400 || answer.status === 409) {
        this.#written += answer.status < 400 ? 1 : 0;
        this.#isRefused = false;
        return;
      }
      if (answer.status === 404) return;
      throw failureOf(answer, {
        verb: 'create',
        what: `an Event in the namespace "${namespace}"`,
        rule: { group: '', resource: 'events', name: null, verbs: ['create'] },
        setting: 'webhook.running.kubeconfig',
        missing: 'its namespace has to be there',
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#dropped += 1;
      // Each of many would say the same.
      if (!this.#isRefused) logger.warn({ err: error, namespace }, 'an Event on a Pod could not be written');
      this.#isRefused = true;
    }
  }
}
