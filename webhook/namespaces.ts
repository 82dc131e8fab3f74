import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Labels } from '../core/context.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ClusterClient } from './cluster/client.ts';
import { failureOf } from './cluster/failure.ts';

/** Milliseconds for one request; a review has a few seconds for everything. */
const longestRequest = 2000;
/** Milliseconds for which labels are taken to be what they were, and for which a failure is not tried again. */
const keptFor = 30_000;
const failureKeptFor = 2000;
/** Clusters have hundreds; names are chosen by whoever may create namespaces. */
const mostNamespaces = 5000;

/** What is known of the labels of a cluster's namespaces. */
export interface NamespaceLabels {
  /** Never throws. null: they could not be read, which is told in the log. */
  labelsOf(namespace: string): Promise<Labels | null>;
  close(): void;
}

const namespaceSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
});

/** Reads namespaces from the API server when they are asked for, at most every 30 s each. */
export function readNamespaceLabels(options: {
  readonly client: ClusterClient;
  readonly logger: Logger;
}): NamespaceLabels {
  const { client, logger } = options;
  const closing = new AbortController();
  const known = new LRUCache<string, Promise<Labels | null>>({ max: mostNamespaces, ttl: keptFor });
  const read = async (name: string): Promise<Labels | null> => {
    try {
      const answer = await client.call({
        method: 'GET',
        path: `/api/v1/namespaces/${encodeURIComponent(name)}`,
        milliseconds: longestRequest,
        signal: closing.signal,
      });
      if (answer.status >= 400) {
        throw failureOf(answer, {
          verb: 'read',
          what: `the namespace "${name}"`,
          rule: { group: '', resource: 'namespaces', name: null, verbs: ['get'] },
          setting: 'webhook.kubeconfig',
          missing: 'it may have gone meanwhile',
          fields: { namespace: name },
        });
      }
      const { metadata } = namespaceSchema.parse(answer.body);
      return Object.assign(Object.create(null) as Record<string, string>, metadata.labels);
    } catch (error) {
      logger.warn({ err: error, namespace: name }, "a namespace's labels cannot be read");
      // Kept for a moment alone, and not tried again by every review: the server may be away.
      known.set(name, Promise.resolve(null), { ttl: failureKeptFor });
      return null;
    }
  };
  return {
    labelsOf: (namespace) => {
      const kept = known.get(namespace);
      if (kept !== undefined) return kept;
      const reading = read(namespace);
      known.set(namespace, reading);
      return reading;
    },
    close: () => closing.abort(),
  };
}
