import { isAscii, isUtf8 } from 'node:buffer';
import { z } from 'zod';

/** What a body has to be: Kubernetes' objects name their own shape. */
export interface BodyKind {
  readonly apiVersion: string;
  readonly kind: string;
}

export type ReadBody<T> =
  | { readonly value: T; readonly refused: null }
  | { readonly value: null; readonly refused: string };

/** The two fields that every such body begins with. */
export function kindFields({ apiVersion, kind }: BodyKind) {
  return {
    apiVersion: z.literal(apiVersion, { error: `allowed: ${apiVersion}` }),
    kind: z.literal(kind, { error: `allowed: ${kind}` }),
  };
}

/** Reads a request's body (UTF-8 JSON). `refused` says what is missing or wrong, for a person. */
export function readBody<T>(body: Buffer, schema: z.ZodType<T>, { apiVersion, kind }: BodyKind): ReadBody<T> {
  const text = textOf(body);
  const value = text === null ? undefined : parsed(text);
  if (value === undefined) {
    return { value: null, refused: `the body is not JSON: an ${kind} of ${apiVersion} is expected` };
  }
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, refused: null };
  const problems = result.error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
  return { value: null, refused: `this is no ${kind} of ${apiVersion}: ${problems.join('; ')}` };
}

/** null where it is no UTF-8. What has no characters beyond ASCII, as nearly all objects, is read in half the time. */
function textOf(body: Buffer): string | null {
  if (isAscii(body)) return body.toString('latin1');
  return isUtf8(body) ? body.toString('utf8') : null;
}

/** undefined where it is no JSON, which JSON itself cannot say. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
