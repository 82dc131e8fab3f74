/** A node of the library's syntax tree, as far as it is looked into here. Checked by `isNode`, because its types do not tell all. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly meta: {
    readonly alternate?: unknown;
    readonly macro?: unknown;
    readonly evaluate?: unknown;
  };
}

export function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'op') === 'string' &&
    typeof Reflect.get(value, 'evaluate') === 'function' &&
    typeof Reflect.get(value, 'meta') === 'object'
  );
}

/** Every node below and including this one, each once, with what its macros were expanded to. */
export function* nodesOf(value: unknown, seen = new Set<object>()): Generator<Node> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  if (isNode(value)) {
    seen.add(value);
    yield value;
    yield* nodesOf(value.args, seen);
    yield* nodesOf(value.meta.alternate, seen);
    yield* nodesOf(value.meta.macro, seen);
  } else if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    seen.add(value);
    for (const item of Object.values(value)) yield* nodesOf(item, seen);
  }
}
