import { z } from 'zod';
import type { Logger } from '../../core/ports/logger.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import { pause } from '../cluster/wait.ts';
import type { GlassRules } from './accept.ts';
import { type Glass, glassLabel, glassPrefix, isOpen, readGlass } from './glass.ts';

/** Milliseconds between two looks, and for one. */
const usualPace = 5000;
const longestLook = 4000;
/** Milliseconds after which what was seen counts for nothing: somebody may have deleted it. */
const believedFor = 60_000;
/** Those that may be there at once; where there are more, none of the rest counts. */
const mostGlasses = 100;

const listSchema = z.object({ items: z.array(z.unknown()).max(mostGlasses) });

export interface WatchedGlasses {
  /** Those that hold now. */
  open(): readonly Glass[];
  /** Looks at once. */
  poke(): void;
  close(): Promise<void>;
}

/** Reads what was accepted, by whichever replica, again and again. Where it cannot be read, all are closed after a minute. */
export function watchGlasses(options: {
  readonly client: ClusterClient;
  readonly rules: GlassRules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly ticks: () => number;
  readonly logger: Logger;
  readonly pace?: number;
}): WatchedGlasses {
  const { client, rules, now, ticks, logger, pace = usualPace } = options;
  let glasses: readonly Glass[] = [];
  let seenAt = Number.NEGATIVE_INFINITY;
  /** A clock that is set back opens nothing again. */
  let latest = 0;
  let failed = false;
  let unsigned = 0;
  const closing = new AbortController();
  let waiting = new AbortController();

  const look = async (): Promise<void> => {
    const path = `/api/v1/namespaces/${encodeURIComponent(rules.namespace)}/configmaps`;
    const since = ticks();
    const answer = await client.call({
      ...{ method: 'GET', path, milliseconds: longestLook, signal: closing.signal },
      query: { labelSelector: `${glassLabel}=true`, limit: String(mostGlasses) },
    });
    if (answer.status >= 400) {
      throw failureOf(answer, {
        verb: 'list',
        what: `ConfigMaps of the namespace "${rules.namespace}"`,
        rule: { group: '', resource: 'configmaps', name: null, verbs: ['list'] },
        setting: 'webhook.breakGlass.kubeconfig',
        missing: 'make that namespace, or correct webhook.breakGlass.namespace',
      });
    }
    const { items } = listSchema.parse(answer.body);
    const read = items.map((item) => readGlass(rules.key, item));
    const found = read.filter((glass) => glass !== null).filter(({ name }) => name.startsWith(glassPrefix));
    const others = items.length - found.length;
    if (others > unsigned) {
      logger.warn(
        { count: others, namespace: rules.namespace },
        'ConfigMaps have the label of a break-glass and were not accepted by this webhook, or were changed since: they open nothing',
      );
    }
    unsigned = others;
    tellOpened(found);
    glasses = found;
    seenAt = since;
  };
  const tellOpened = (found: readonly Glass[]): void => {
    const known = new Set(glasses.map(({ name, acceptedAt }) => `${name} ${acceptedAt}`));
    for (const glass of found) {
      if (known.has(`${glass.name} ${glass.acceptedAt}`) || !isOpen(glass, now(), rules.longest)) continue;
      logger.warn({ ...glass }, 'a break-glass is open: nothing is refused there for a while');
    }
    const stays = new Set(found.map(({ name }) => name));
    for (const { name, until } of glasses) {
      if (!stays.has(name)) logger.info({ name, until }, 'a break-glass is gone');
    }
  };
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      waiting = new AbortController();
      try {
        await look();
        failed = false;
      } catch (error) {
        if (closing.signal.aborted) return;
        if (!failed)
          logger.error(
            { err: error },
            'whether a glass is broken cannot be read: all are closed within a minute',
          );
        failed = true;
      }
      await pause(pace, AbortSignal.any([closing.signal, waiting.signal]));
    }
  };
  const done = run().catch((error: unknown) => {
    glasses = [];
    logger.error({ err: error }, 'break-glasses are read no more: all are closed');
  });
  return {
    open: () => {
      latest = Math.max(latest, now());
      if (ticks() - seenAt > believedFor) return [];
      return glasses.filter((glass) => isOpen(glass, latest, rules.longest));
    },
    poke: () => waiting.abort(),
    close: async () => {
      closing.abort();
      await done;
    },
  };
}
