import { z } from 'zod';
import { type BodyKind, kindFields, readBody } from './json-body.ts';
import type { PatchOperation } from './patch.ts';

/** AdmissionReview of admission.k8s.io/v1, as far as a validating webhook needs it. */
const shape: BodyKind = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };

const text = z.string();
/** A DNS subdomain and a DNS label (Kubernetes, "Object Names and IDs"); what is kept and logged is held to them. */
const subdomain = text.max(253);
const label = text.max(63);
const namespace = text.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'a name of at most 63 letters, digits and hyphens',
});
const requestSchema = z.object({
  uid: z.string().min(1).max(256),
  kind: z.object({ group: subdomain, version: label, kind: label }),
  subResource: label.nullish(),
  name: subdomain.nullish(),
  namespace: namespace.nullish(),
  operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  object: z.unknown().optional(),
  oldObject: z.unknown().optional(),
  dryRun: z.boolean().nullish(),
  userInfo: z.object({ username: text.nullish(), groups: z.array(text).nullish() }).nullish(),
});
const reviewSchema = z.object({ ...kindFields(shape), request: requestSchema });

export interface ObjectKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: ObjectKind;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** null for objects of the whole cluster, and for templates outside one. */
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subResource: string | null;
  readonly dryRun: boolean;
  /** Who sent the object, or the controller that made it; null: nobody is named. */
  readonly user: string | null;
  readonly groups: readonly string[];
  /** As the API server sent them; null where it sent none. */
  readonly object: unknown;
  readonly oldObject: unknown;
}

export type ParsedReview =
  | { readonly request: AdmissionRequest; readonly refused: null }
  | { readonly request: null; readonly refused: string };

/** Reads a request's body (UTF-8 JSON). `refused` says what is missing or wrong, for a person. */
export function parseReview(body: Buffer): ParsedReview {
  const { value, refused } = readBody(body, reviewSchema, shape);
  if (value === null) return { request: null, refused };
  const { request } = value;
  return {
    request: {
      uid: request.uid,
      kind: request.kind,
      operation: request.operation,
      namespace: request.namespace ?? null,
      name: request.name ?? null,
      subResource: request.subResource ?? null,
      dryRun: request.dryRun ?? false,
      user: request.userInfo?.username ? request.userInfo.username : null,
      groups: request.userInfo?.groups ?? [],
      object: request.object ?? null,
      oldObject: request.oldObject ?? null,
    },
    refused: null,
  };
}

/** What is answered to one request. */
export interface Decision {
  readonly allowed: boolean;
  /** Why not; null where allowed. */
  readonly message: string | null;
  /** Shown by kubectl even where allowed. */
  readonly warnings: readonly string[];
  /** Keys are names as Kubernetes qualifies them, without prefix. */
  readonly audit: Readonly<Record<string, string>>;
}

/**
 * The answer as the API server wants it; with any other uid, apiVersion or kind it is taken for a failure.
 * @param patch from a mutating webhook alone: from another one it is a failure too
 */
export function formatReview(uid: string, decision: Decision, patch: readonly PatchOperation[] = []): object {
  const { allowed, message, warnings, audit } = decision;
  return {
    ...shape,
    response: {
      uid,
      allowed,
      ...(allowed
        ? {}
        : { status: { status: 'Failure', message: message ?? 'denied', reason: 'Forbidden', code: 403 } }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(Object.keys(audit).length === 0 ? {} : { auditAnnotations: audit }),
      ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: base64(JSON.stringify(patch)) }),
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

const defaultSeconds = 10;
const mostSeconds = 30;

/**
 * How many milliseconds there are for a decision: what the API server says in `?timeout=Ns` (10 s if it says
 * nothing, 30 s at most) less a tenth or half a second, because an answer that comes late is no answer.
 */
export function timeToDecide(timeout: string | null): number {
  const match = /^([1-9][0-9]{0,3})s$/.exec(timeout ?? '');
  const milliseconds = Math.min(match === null ? defaultSeconds : Number(match[1]), mostSeconds) * 1000;
  return milliseconds - Math.max(500, milliseconds / 10);
}
