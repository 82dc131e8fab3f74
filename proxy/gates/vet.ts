import type { Router } from 'express';
import { z } from 'zod';
import { Places } from '../../core/places.ts';
import { repositoryPathPattern } from '../../core/reference.ts';
import { busy } from '../management/query.ts';
import { jsonBody, parseBody } from './body.ts';
import type { GatesContext } from './context.ts';
import { identityOf } from './locals.ts';

const longestBody = 16 * 1024;
/** Milliseconds. */
const longestWait = 30_000;
/** Requests that wait for an image at once, of all gates together. */
const mostAsked = 512;

const path = z
  .string()
  .max(255, { error: 'is longer than 255 characters' })
  .regex(repositoryPathPattern, { error: 'is not a repository name' });
/** OCI distribution specification: a tag or a digest. */
const pointer = z
  .string()
  .regex(/^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128}))$/, {
    error: 'is neither a tag nor a digest',
  });
const asked = z.strictObject({
  upstream: path,
  path,
  pointer,
  milliseconds: z.int().min(0).max(longestWait),
});

/** What is known of one image, whose vetting begins with this where nothing is. */
export function vetRoute(router: Router, { vet }: GatesContext): void {
  const places = new Places(mostAsked);
  router.post('/gates/v1/vet', jsonBody(longestBody), async (request, response) => {
    const question = parseBody(asked, request.body);
    const { cluster } = identityOf(response);
    if (!places.enter(cluster)) {
      busy(response, `too many images are waited for already: ask again in a few seconds`);
      return;
    }
    try {
      response.json(await vet(question));
    } finally {
      places.leave(cluster);
    }
  });
}
