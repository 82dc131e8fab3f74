import { errorText, isPratiqueError } from '../../core/errors.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ReplicaCounts, ReplicaStore } from '../../core/ports/replica.ts';
import { setOf } from '../../policy/bindings/parse.ts';
import { readyByName } from '../../policy/bindings/ready.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import type { ImageGate } from '../image-gate.ts';
import { Asking } from './asking.ts';
import { Breaker } from './breaker.ts';
import type { ProxyClient } from './client.ts';
import { type AskedFor, Contact, type Heard } from './contact.ts';
import { Follower } from './follower.ts';
import { ReplicaGate } from './gate.ts';
import { type Ground, type MakeAddressing, readGround } from './ground.ts';
import { Knowledge } from './knowledge.ts';
import { UnreadTold } from './unread.ts';

/** How a replica stands, for people and metrics. */
export interface ReplicaStatus {
  /** ISO 8601: when all that the proxy had to tell was read; null: never yet. */
  readonly heardAt: string | null;
  readonly ageSeconds: number | null;
  readonly policyRevision: string | null;
  /** Whether everything has been read once. */
  readonly complete: boolean;
  /** Changes that are known of and not read. */
  readonly behind: number;
  /** References that the proxy is being asked for. */
  readonly asking: number;
  readonly held: ReplicaCounts;
  /** What is wrong, each a sentence; what was known is acted on all the same. */
  readonly problems: readonly string[];
}

/** A gate on its own feet: what is known is on the disk here, and follows the proxy whenever it is there. */
export interface Replica {
  readonly gate: ImageGate;
  readonly addressing: Addressing;
  /** The policy set in force; before anything has come, one by which nothing is let in. */
  readonly rulebook: () => Rulebook;
  /** Why no image can be judged yet, each a sentence. Once it can be, the proxy may be away. */
  readonly notReady: () => readonly string[];
  readonly status: () => ReplicaStatus;
  readonly contact: Contact;
  start(): void;
  close(): Promise<void>;
}

export function createReplica(options: {
  readonly store: ReplicaStore;
  readonly client: ProxyClient;
  readonly makeAddressing: MakeAddressing;
  /** See `ReplicaGateParts`. */
  readonly tagsFor: number;
  readonly onAnswer?: (what: AskedFor, heard: Heard) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}): Replica {
  const { store, client, makeAddressing, tagsFor, now, random, logger, onAnswer } = options;
  const contact = new Contact({ now, logger, ...(onAnswer === undefined ? {} : { onAnswer }) });
  let ground = keptGround(store, makeAddressing, logger);
  const inForce = (): Ground | null => ground;
  const knowledge = new Knowledge(store, now);
  const breaker = new Breaker(() => performance.now());
  const unread = new UnreadTold(logger);
  const asking = new Asking({ client, store, knowledge, contact, breaker, unread, now });
  const follower = new Follower({
    ...{ client, store, contact, unread, knowledge, makeAddressing, ground: inForce, now, random, logger },
    onGround: (next) => {
      const isOther = next.rulebook.set.revision !== ground?.rulebook.set.revision;
      ground = next;
      if (isOther)
        logger.info({ revision: next.rulebook.set.revision }, 'the policy set of the proxy is in force');
    },
    onHeard: (isBack) => {
      breaker.retry();
      contact.isHeard(isBack);
    },
  });
  const closed = makeRulebook(setOf(baseline()), []);
  const isComplete = (): boolean => store.place('changes').complete && store.place('images').complete;
  return {
    gate: new ReplicaGate({ store, knowledge, asking, contact, ground: inForce, tagsFor, now }),
    addressing: {
      locate: (registry, path) =>
        ground === null
          ? { upstream: registry, namespace: registry, path }
          : ground.addressing.locate(registry, path),
      isOwn: (registry) => ground?.addressing.isOwn(registry) ?? false,
    },
    rulebook: () => ground?.rulebook ?? closed,
    notReady: () => {
      if (ground !== null && isComplete()) return [];
      const problems = contact.problems();
      return [
        'not everything that the proxy has to tell has been read yet: images cannot be judged',
        ...problems,
      ];
    },
    status: () => {
      const heardAt = store.heardAt();
      const { age } = knowledge;
      const held = store.counts();
      const also = [store.damage(), unread.problem(held.unread)].filter((one) => one !== null);
      return {
        heardAt: heardAt === null ? null : new Date(heardAt).toISOString(),
        ageSeconds: age === null ? null : Math.round(age / 1000),
        policyRevision: ground?.rulebook.set.revision ?? null,
        complete: isComplete(),
        behind: follower.lag,
        asking: asking.open,
        held,
        problems: [...contact.problems(), ...also],
      };
    },
    contact,
    start: () => follower.start(),
    close: async () => {
      await follower.close();
      client.close();
      store.close();
    },
  };
}

function baseline() {
  const policy = readyByName().get('baseline');
  if (policy === undefined) throw new Error('there is no ready policy "baseline"');
  return policy;
}

/** What is kept was believed once; another version of the program may read it otherwise, and then it waits for the proxy. */
function keptGround(store: ReplicaStore, makeAddressing: MakeAddressing, logger: Logger): Ground | null {
  const text = store.ground();
  if (text === null) return null;
  try {
    return readGround(JSON.parse(text), makeAddressing);
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    logger.error(
      { why: errorText(error) },
      'the ground that was kept cannot be used: the proxy is asked for it',
    );
    return null;
  }
}
