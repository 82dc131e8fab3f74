import { z } from 'zod';

/** Applies `test`, `replace` and `add` of RFC 6902 as an API server does, with no code of what is tested. */
const patchSchema = z.array(
  z.strictObject({ op: z.enum(['test', 'replace', 'add']), path: z.string(), value: z.unknown() }),
);

/** @throws where an operation does not apply, which an API server answers by refusing the object */
export function applyPatch(document: unknown, patch: unknown): unknown {
  const changed: unknown = structuredClone(document);
  for (const { op, path, value } of patchSchema.parse(patch)) {
    const [first = '', ...keys] = path
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    if (first !== '' || last === undefined) throw new Error(`${path} is no pointer into a document`);
    let holder: unknown = changed;
    for (const key of keys) holder = inside(holder, key, path);
    const map = holderOf(holder, path);
    if (op !== 'add' && !Object.hasOwn(map, last)) throw new Error(`nothing is at ${path}`);
    if (op === 'test' && JSON.stringify(map[last]) !== JSON.stringify(value)) {
      throw new Error(`${path} is ${JSON.stringify(map[last])}`);
    }
    if (op !== 'test') map[last] = value;
  }
  return changed;
}

/** The patch of an answer to a mutating review; empty where there is none. */
export function patchIn(response: {
  readonly patch?: string | undefined;
  readonly patchType?: string | undefined;
}): unknown {
  if (response.patch === undefined && response.patchType === undefined) return [];
  if (response.patchType !== 'JSONPatch')
    throw new Error(`the type of the patch is ${response.patchType ?? '?'}`);
  return JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString('utf8'));
}

function inside(holder: unknown, key: string, path: string): unknown {
  const map = holderOf(holder, path);
  if (!Object.hasOwn(map, key)) throw new Error(`nothing is at ${path}`);
  return map[key];
}

function holderOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`nothing is at ${path}`);
  return value as Record<string, unknown>;
}
