import { Counter, type Registry } from 'prom-client';
import { type TagCounts, tagOutcomes } from '../vetting/tag-counts.ts';
import { defaultTagTimes, type TagTimes } from '../vetting/tag-times.ts';
import type { Config } from './config/config.ts';

/** What became of requests for tags of proxied repositories, by upstream. Counted where it happens, read when somebody asks. */
export function addTagMetrics(registry: Registry, counts: TagCounts): void {
  new Counter({
    name: 'pratique_tag_requests_total',
    help: 'Requests for tags of proxied repositories: fresh (within tagTtl), unchanged, moved, missing and error (the upstream was asked), stale (it does not answer), negative-hit (missing a moment ago)',
    labelNames: ['upstream', 'outcome'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [upstream, numbers] of counts.all) {
        for (const outcome of tagOutcomes) this.inc({ upstream, outcome }, numbers[outcome]);
      }
    },
  });
}

/** How long what an upstream says of tags is gone by. */
export function tagsOf({ tagTimes }: Pick<Config, 'tagTimes'>): {
  readonly timesOf: (upstream: string) => TagTimes;
} {
  return { timesOf: (upstream) => tagTimes.get(upstream) ?? defaultTagTimes };
}
