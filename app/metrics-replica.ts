import { Counter, Gauge, type Registry } from 'prom-client';
import type { AskedFor, Heard } from '../webhook/replica/contact.ts';
import type { EventOutbox } from '../webhook/replica/outbox.ts';
import type { ReplicaStatus } from '../webhook/replica/replica.ts';

/** Of a webhook on its own feet: how old what it knows is, and what became of its questions. */
export function createReplicaMetrics(
  registry: Registry,
  status: () => ReplicaStatus | null,
  outbox: () => Pick<EventOutbox, 'waiting' | 'lost'> | null,
): { readonly onAnswer: (what: AskedFor, heard: Heard) => void } {
  const registers = [registry];
  const answers = new Counter({
    name: 'pratique_replica_answers_total',
    help: 'Answers of the proxy: believed, away (none in time), refused (it does not know us), not-believed (not its word)',
    labelNames: ['asked', 'heard'] as const,
    registers,
  });
  const gauge = (name: string, help: string, value: (now: ReplicaStatus) => number | null): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const now = status();
        const found = now === null ? null : value(now);
        if (found === null) this.remove();
        else this.set(found);
      },
    });
  };
  gauge(
    'pratique_replica_age_seconds',
    'Time since all that the proxy had to tell was read; absent where that was never so',
    ({ ageSeconds }) => ageSeconds,
  );
  gauge(
    'pratique_replica_behind_changes',
    'Changes that are known of and not read yet',
    ({ behind }) => behind,
  );
  gauge('pratique_replica_asking', 'References that the proxy is being asked for', ({ asking }) => asking);
  gauge('pratique_replica_bytes', 'Bytes of the replica on the disk', ({ held }) => held.bytes);
  gauge('pratique_replica_ready', '1 where everything has been read once', ({ complete }) =>
    complete ? 1 : 0,
  );
  gauge(
    'pratique_replica_problems',
    'What is wrong with the proxy or the replica',
    ({ problems }) => problems.length,
  );
  gauge(
    'pratique_replica_unread',
    'Verdicts that the proxy told and that cannot be read here: their images are refused',
    ({ held }) => held.unread,
  );
  gauge('pratique_replica_left_out', 'Rows that found no room since the start', ({ held }) => held.leftOut);
  new Gauge({
    name: 'pratique_replica_rows',
    help: 'What is held',
    labelNames: ['kind'] as const,
    registers,
    collect() {
      const now = status();
      if (now === null) return;
      for (const kind of ['verdicts', 'images', 'tags'] as const) this.set({ kind }, now.held[kind]);
    },
  });
  new Gauge({
    name: 'pratique_replica_events',
    help: 'Events for the proxy that wait, and those that were lost since the start',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const now = outbox();
      if (now === null) return;
      this.set({ state: 'waiting' }, now.waiting);
      this.set({ state: 'lost' }, now.lost);
    },
  });
  return { onAnswer: (asked, heard) => answers.inc({ asked, heard }) };
}
