import type { Router } from 'express';
import { z } from 'zod';
import { eventSeverities } from '../../core/event.ts';
import { replicaSchemaVersion } from '../../core/replica.ts';
import { accepted, digestText, jsonBody, parseBody, timeText } from './body.ts';
import type { GatesContext } from './context.ts';
import { identityOf } from './locals.ts';

const longestBody = 1024 ** 2;
const mostEvents = 100;

const text = (most: number) => z.string().max(most, { error: `is longer than ${most} characters` });
const maybe = (most: number) => text(most).nullable();
const event = z.strictObject({
  // Only what a gate sees itself; the rest is the proxy's to tell.
  kind: z.enum(['admission-refused', 'break-glass', 'running-image-bad']),
  severity: z.enum(eventSeverities),
  at: timeText,
  group: text(1024),
  title: text(4096),
  reasons: z.array(text(4096)).max(60),
  subject: z.strictObject({
    image: maybe(1024),
    digest: digestText.nullable(),
    policy: maybe(253),
    gate: z.enum(['admission', 'runtime']).nullable(),
    cluster: maybe(253),
    namespace: maybe(253),
    workload: maybe(507),
    user: maybe(1024),
    advisories: z.array(text(253)).max(100),
  }),
});
const events = z.strictObject({
  schemaVersion: z.literal(replicaSchemaVersion),
  events: z.array(event).max(mostEvents),
});

/** What a gate has refused, for those who are told of it. It happened in the cluster of who asks, whatever is said. */
export function eventRoute(router: Router, { onEvent }: GatesContext): void {
  router.post('/gates/v1/events', jsonBody(longestBody), (request, response) => {
    const { cluster } = identityOf(response);
    const told = parseBody(events, request.body).events;
    for (const { group, subject, ...rest } of told) {
      onEvent({ ...rest, group: `${cluster} ${group}`, subject: { ...subject, cluster } });
    }
    accepted(response, told.length);
  });
}
