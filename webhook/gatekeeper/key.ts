import { z } from 'zod';
import type { Labels } from '../../core/context.ts';
import { askerFaults } from '../bounds.ts';

/** An image, and for whom it would run: the ConstraintTemplate writes all of it into the key (deploy/gatekeeper/). */
export interface AskedKey {
  readonly image: string;
  readonly namespace: string;
  /** Of the Pod, or of the template. */
  readonly labels: Labels;
  /** null: the namespace's `default`. */
  readonly serviceAccount: string | null;
  /** null: nobody is named, as when Gatekeeper audits. */
  readonly user: string | null;
  readonly groups: readonly string[];
}

/** Characters; what a key holds has bounds of its own, which are far below. */
const longestKey = 1024 * 1024;
const form = 'a key is JSON: {"image", "namespace", "labels", "serviceAccount", "user", "groups"}';

const schema = z.strictObject({
  image: z.string(),
  namespace: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'the name of a namespace' }),
  // Not optional: a template that leaves them out would be judged by laxer bindings.
  labels: z.record(z.string(), z.string()).nullable(),
  serviceAccount: z.string().nullable(),
  user: z.string().nullable(),
  groups: z.array(z.string()),
});

/** Never throws; a text says what is wrong with the key. */
export function parseKey(key: string): AskedKey | string {
  if (key.length > longestKey) return `a key has at most ${longestKey} characters`;
  let value: unknown;
  try {
    value = JSON.parse(key);
  } catch {
    return form;
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    return `${form}: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? ''}`;
  }
  const { labels, serviceAccount, user, ...rest } = result.data;
  const read = {
    ...rest,
    // Without what every object inherits: a binding may name a label `constructor`.
    labels: Object.assign(Object.create(null) as Record<string, string>, labels),
    serviceAccount: serviceAccount === '' ? null : serviceAccount,
    user: user === '' ? null : user,
  };
  const [fault] = askerFaults(read, read);
  return fault === undefined ? read : `the key is too much: ${fault}`;
}
