import { z } from 'zod';
import { type BodyKind, kindFields, type ReadBody, readBody } from '../json-body.ts';

/** Gatekeeper's external data providers, as it speaks with them. */
const apiVersion = 'externaldata.gatekeeper.sh/v1beta1';
const request: BodyKind = { apiVersion, kind: 'ProviderRequest' };

const schema = z.object({
  ...kindFields(request),
  request: z.object({ keys: z.array(z.string()).nullish() }),
});

/** What is said of one key: a value, or why there is none. Gatekeeper remembers both, for 3 minutes if not told otherwise. */
export type Item =
  | { readonly key: string; readonly value: unknown }
  | { readonly key: string; readonly error: string };

/** The keys that are asked for, each once. `refused` says what is missing or wrong, for a person. */
export function parseProviderRequest(bytes: Buffer): ReadBody<readonly string[]> {
  const { value, refused } = readBody(bytes, schema, request);
  if (value === null) return { value, refused };
  return { value: [...new Set(value.request.keys ?? [])], refused };
}

/**
 * The answer as Gatekeeper wants it.
 * @param passing why keys are left out of the items; it is the one thing that Gatekeeper does not remember
 */
export function formatProviderResponse(items: readonly Item[], passing: string | null): object {
  return {
    apiVersion,
    kind: 'ProviderResponse',
    response: { idempotent: true, items, ...(passing === null ? {} : { systemError: passing }) },
  };
}
