import { Gauge, type Registry } from 'prom-client';
import { runningStatuses } from '../webhook/running/rows.ts';
import type { RunningView } from '../webhook/running/view.ts';

/** What runs in the cluster. Only the process that looks after it has numbers: others would have old ones, or none. */
export function addRunningMetrics(registry: Registry, view: () => RunningView): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (seen: RunningView) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const seen = view();
        if (seen.leader && seen.synced) this.set(read(seen));
        else this.remove();
      },
    });
  };
  new Gauge({
    name: 'pratique_running_images',
    help: 'Images in workloads of the cluster, by what is said of them; unjudged: nobody has, or can',
    labelNames: ['status'] as const,
    registers,
    collect() {
      const { leader, synced, counts } = view();
      this.reset();
      if (!leader || !synced) return;
      for (const status of runningStatuses) this.set({ status }, counts.images[status]);
    },
  });
  gauge(
    'pratique_running_refused',
    'Images in workloads that would be refused if they were to start now',
    ({ counts }) => counts.refused,
  );
  gauge(
    'pratique_running_went_bad',
    'Images in workloads that went bad after they had been let in',
    ({ counts }) => counts.wentBad,
  );
  gauge(
    'pratique_running_fixable',
    'Bad images in workloads whose worst finding has a fix',
    ({ counts }) => counts.fixable,
  );
  gauge('pratique_running_pods', 'Pods that run', ({ pods }) => pods);
  gauge(
    'pratique_running_unread',
    'Images in Pods that could not be read, and Pods beyond the bounds: nobody knows what they run',
    ({ unread }) => unread,
  );
  gauge(
    'pratique_running_stale',
    '1 where the Pods of the cluster cannot be followed, so that the other numbers are old',
    ({ trouble }) => (trouble === null ? 0 : 1),
  );
  new Gauge({
    name: 'pratique_running_leader',
    help: '1 in the process that looks after what runs in the cluster',
    registers,
    collect() {
      this.set(view().leader ? 1 : 0);
    },
  });
}
