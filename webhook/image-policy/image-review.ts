import { z } from 'zod';
import { type BodyKind, kindFields, type ReadBody, readBody } from '../json-body.ts';
import type { Decision } from '../review.ts';

/** What the API server's admission plugin ImagePolicyWebhook sends and expects. */
const body: BodyKind = { apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview' };

const schema = z.object({
  ...kindFields(body),
  spec: z.object({
    containers: z.array(z.object({ image: z.string().nullish() })).nullish(),
    // `annotations` are left unread: whoever writes the Pod writes them, so they open nothing.
    namespace: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
      error: 'a name of at most 63 letters, digits and hyphens',
    }),
  }),
});

export interface ImageReview {
  readonly namespace: string;
  /** As the containers name them; empty where one names none. */
  readonly images: readonly string[];
}

/** Reads a request's body. `refused` says what is missing or wrong, for a person. */
export function parseImageReview(bytes: Buffer): ReadBody<ImageReview> {
  const { value, refused } = readBody(bytes, schema, body);
  if (value === null) return { value, refused };
  const { namespace, containers } = value.spec;
  return { value: { namespace, images: (containers ?? []).map(({ image }) => image ?? '') }, refused };
}

/** The answer as the API server wants it. A reason counts only where it is not allowed. */
export function formatImageReview({ allowed, message, audit }: Decision): object {
  return {
    ...body,
    spec: {},
    status: {
      allowed,
      ...(allowed ? {} : { reason: message ?? 'denied' }),
      ...(Object.keys(audit).length === 0 ? {} : { auditAnnotations: audit }),
    },
  };
}
