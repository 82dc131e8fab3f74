import type { Router } from 'express';
import { z } from 'zod';
import { mostRunningOfReport, noCluster, runningSchemaVersion } from '../../core/ports/sightings.ts';
import { accepted, digestText, jsonBody, parseBody, timeText } from './body.ts';
import type { GatesContext } from './context.ts';
import { identityOf } from './locals.ts';

const longestBody = 4 * 1024 ** 2;

/** Kubernetes gives no longer names; a workload is a kind, a slash and a name. */
const name = (most: number) => z.string().max(most, { error: `is longer than ${most} characters` });
const place = { digest: digestText, namespace: name(253), workload: name(507) };
const report = z
  .strictObject({
    schemaVersion: z.literal(runningSchemaVersion),
    cluster: name(253),
    at: timeText,
    look: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'is not 1 to 64 letters, digits and hyphens' }),
    running: z
      .array(z.strictObject({ ...place, image: name(1024), team: name(63).nullable() }))
      .max(mostRunningOfReport),
    stopped: z.array(z.strictObject(place)).max(mostRunningOfReport),
    whole: z.boolean(),
  })
  .refine(({ running, stopped }) => running.length + stopped.length <= mostRunningOfReport, {
    error: `running and stopped have more than ${mostRunningOfReport} entries together`,
  });

/** What runs in the cluster of who asks, and in no other. */
export function runningRoute(router: Router, { putRunning, now }: GatesContext): void {
  router.post('/gates/v1/running', jsonBody(longestBody), async (request, response) => {
    const { cluster } = identityOf(response);
    const { schemaVersion: _version, ...told } = parseBody(report, request.body);
    if (told.cluster !== cluster && told.cluster !== noCluster) {
      response.status(403).json({
        error: `this token or certificate is for the cluster "${cluster}", and the report for "${told.cluster}": give both one name`,
      });
      return;
    }
    // A clock that runs ahead must not make what it says the newest for ever.
    const at = new Date(Math.min(Date.parse(told.at), now())).toISOString();
    await putRunning({ ...told, cluster, at });
    accepted(response, told.running.length + told.stopped.length);
  });
}
