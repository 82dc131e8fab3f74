import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ClusterAnswer, ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import type { Wait } from '../cluster/wait.ts';

/** Seconds for which a lease holds after it was renewed. */
const leaseSeconds = 30;
/** Milliseconds between renewals, and between looks of those who do not hold it. */
const between = 10_000;
/** Milliseconds after which one who cannot renew stops: well before another may begin. */
const heldFor = 20_000;
const requestTime = 8000;
const apiVersion = 'coordination.k8s.io/v1';

export interface LeaseOptions {
  readonly client: ClusterClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this process alone. */
  readonly identity: string;
  readonly wait: Wait;
  /** Milliseconds that never go back. */
  readonly ticks: () => number;
  /** Milliseconds since 1970; what others read. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const leaseSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string().min(1),
    // Whoever made it may have marked it as his.
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      renewTime: z.string().nullish(),
      acquireTime: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .nullish(),
});
type LeaseObject = z.output<typeof leaseSchema>;

/** A lease as it was last found. */
export interface SeenLease {
  readonly holder: string;
  /** As its holder wrote it; clocks differ, so that only a change of it counts. */
  readonly renewed: string;
  /** Milliseconds of this process: since when it says so. */
  readonly seenAt: number;
  /** Milliseconds for which its holder holds it. */
  readonly lasts: number;
}

/** Whether one may take it: it is nobody's, one's own, or its holder has not renewed it for as long as it holds. Pure. */
export function mayTake(seen: SeenLease, identity: string, ticks: number): boolean {
  return seen.holder === '' || seen.holder === identity || ticks - seen.seenAt > seen.lasts;
}

/** What was seen, from what was seen before. Pure. */
export function seenNow(before: SeenLease | null, lease: LeaseObject, ticks: number): SeenLease {
  const holder = lease.spec?.holderIdentity ?? '';
  const renewed = lease.spec?.renewTime ?? '';
  const lasts = Math.min(Math.max(lease.spec?.leaseDurationSeconds ?? leaseSeconds, 1), 600) * 1000;
  const isSame = before !== null && before.holder === holder && before.renewed === renewed;
  return { holder, renewed, lasts, seenAt: isSame ? before.seenAt : ticks };
}

/**
 * Runs `work` for as long as this process holds the lease, of several that want it; its signal is aborted when the lease
 * is lost. Until the signal of the options; never throws, and gives the lease back at the end.
 * @param onHolder told who holds it; null: nobody knows
 */
export async function underLease(
  options: LeaseOptions,
  work: (signal: AbortSignal) => Promise<void>,
  onHolder: (holder: string | null) => void,
): Promise<void> {
  const { signal, identity, wait, ticks, logger } = options;
  let seen: SeenLease | null = null;
  let held: { readonly end: AbortController; readonly done: Promise<void> } | null = null;
  let renewedAt = 0;
  let troubled = false;
  const stop = async (): Promise<void> => {
    held?.end.abort();
    await held?.done;
    held = null;
  };
  while (!signal.aborted) {
    try {
      const asked = ticks();
      const found = await readLease(options);
      seen = found === null ? null : seenNow(seen, found, ticks());
      const mine: boolean =
        (seen === null || mayTake(seen, identity, ticks())) && (await write(options, found));
      onHolder(mine ? identity : (seen?.holder ?? null));
      troubled = false;
      if (mine) renewedAt = asked;
      if (mine && held === null) {
        const end = new AbortController();
        held = { end, done: work(AbortSignal.any([signal, end.signal])) };
        logger.info({ lease: options.name, namespace: options.namespace }, 'this process reports what runs');
      } else if (!mine && held !== null) {
        logger.warn(
          { lease: options.name, holder: seen?.holder ?? null },
          'another process reports what runs',
        );
        await stop();
      }
    } catch (error) {
      if (signal.aborted) break;
      if (!troubled)
        logger.warn(
          { err: error, lease: options.name },
          'the lease of who reports what runs cannot be renewed',
        );
      troubled = true;
      if (held !== null && ticks() - renewedAt > heldFor) {
        onHolder(null);
        await stop();
      }
    }
    await wait(between, signal);
  }
  const wasHeld = held !== null;
  await stop();
  if (wasHeld) await giveBack(options);
}

function pathOf({ namespace }: LeaseOptions): string {
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/leases`;
}

/** null: there is none. */
async function readLease(options: LeaseOptions, signal = options.signal): Promise<LeaseObject | null> {
  const { client, name } = options;
  const path = `${pathOf(options)}/${encodeURIComponent(name)}`;
  const answer = await client.call({ method: 'GET', path, milliseconds: requestTime, signal });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw refused(answer, options);
  const parsed = leaseSchema.safeParse(answer.body);
  if (!parsed.success)
    throw new PratiqueError('upstream-misbehaved', 'the API server gave no lease', { name });
  return parsed.data;
}

/** @returns false: somebody else was faster */
async function write(options: LeaseOptions, found: LeaseObject | null): Promise<boolean> {
  const { client, name, namespace, identity, now, signal } = options;
  const time = microTime(now());
  const before = found?.spec?.holderIdentity ?? '';
  const transitions = found?.spec?.leaseTransitions ?? 0;
  const body = {
    apiVersion,
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      ...found?.metadata,
    },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      renewTime: time,
      acquireTime: before === identity ? (found?.spec?.acquireTime ?? time) : time,
      leaseTransitions: before === identity || found === null ? transitions : transitions + 1,
    },
  };
  const path = pathOf(options);
  const answer =
    found === null
      ? await client.call({ method: 'POST', path, body, milliseconds: requestTime, signal })
      : await client.call({
          method: 'PUT',
          path: `${path}/${encodeURIComponent(name)}`,
          body,
          milliseconds: requestTime,
          signal,
        });
  if (answer.status === 409) return false;
  if (answer.status !== 200 && answer.status !== 201) throw refused(answer, options);
  return true;
}

/** So that the next one need not wait; one who cannot is waited for. */
async function giveBack(options: LeaseOptions): Promise<void> {
  const { identity, name, client, logger } = options;
  const signal = AbortSignal.timeout(2000);
  try {
    const found = await readLease(options, signal);
    if (found?.spec?.holderIdentity !== identity) return;
    const answer = await client.call({
      method: 'PUT',
      path: `${pathOf(options)}/${encodeURIComponent(name)}`,
      body: {
        apiVersion,
        kind: 'Lease',
        metadata: { name, namespace: options.namespace, ...found.metadata },
        spec: {
          holderIdentity: '',
          leaseDurationSeconds: 1,
          leaseTransitions: found.spec.leaseTransitions ?? 0,
        },
      },
      signal,
    });
    if (answer.status >= 400 && answer.status !== 409) throw refused(answer, options);
  } catch (error) {
    logger.info(
      { err: error, lease: name },
      'the lease of who reports what runs was not given back: it ends by itself',
    );
  }
}

/** RFC 3339 with microseconds (meta/v1, `MicroTime`). */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}

function refused(answer: ClusterAnswer, { name, namespace }: LeaseOptions): PratiqueError {
  return failureOf(answer, {
    verb: 'use',
    what: `the Lease "${name}" in the namespace "${namespace}"`,
    rule: {
      group: 'coordination.k8s.io',
      resource: 'leases',
      name: null,
      verbs: ['get', 'create', 'update'],
    },
    setting: 'webhook.running.kubeconfig',
    missing: 'its namespace has to be there',
  });
}
