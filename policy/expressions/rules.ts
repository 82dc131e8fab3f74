import { RE2JS } from 're2js';
import { isNode, type Node, nodesOf } from './nodes.ts';
import { functions, methods } from './vocabulary.ts';

/** What is wrong with an expression, and where. */
export interface Fault {
  /** UTF-16 units from the start of the expression. */
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;
}

/** Instructions of a compiled pattern: time grows with them. */
const longestPattern = 500;
/** How deep exists, all, filter and map may stand in each other. */
const deepestNesting = 3;
/** Hours, minutes and seconds: what CEL knows. The library's own reading of others takes time that grows with the cube of their length. */
const durationText = /^-?[0-9]{1,9}(?:h|m|s|ms)$/;

/** Refuses what could take long, or leaves the type checker blind. @returns null: nothing is wrong */
export function faultOf(root: unknown): Fault | null {
  for (const node of nodesOf(root)) {
    const fault = faultOfNode(node);
    if (fault !== null) return fault;
  }
  return nestingFault(root, 0);
}

function faultOfNode(node: Node): Fault | null {
  const { op, start } = node;
  if (op === 'id' && (node.args === 'cel' || node.args === 'google')) {
    return {
      offset: start,
      found: `"${node.args}"`,
      allowed: 'variables and the functions of docs/policy.md',
    };
  }
  if (op !== 'call' && op !== 'rcall') return null;
  const { name, args } = callOf(node);
  const known = op === 'call' ? functions : methods;
  if (!known.includes(name)) {
    return { offset: start, found: `the function "${name}"`, allowed: known.join(', ') };
  }
  const first = args[0];
  const literal = isNode(first) && first.op === 'value' && typeof first.args === 'string' ? first.args : null;
  if (name === 'duration' && (literal === null || !durationText.test(literal))) {
    return {
      offset: start,
      found: 'another duration',
      allowed: 'one that is written out, such as duration("720h")',
    };
  }
  if (name !== 'matches') return null;
  const refusal = literal === null ? 'a pattern that is not written out' : patternRefusal(literal);
  if (refusal === null) return null;
  const allowed = 'a pattern in RE2 syntax that is written out, such as matches("^v[0-9]+$")';
  return { offset: start, found: refusal, allowed };
}

function patternRefusal(pattern: string): string | null {
  try {
    const size = RE2JS.compile(pattern).programSize();
    return size > longestPattern ? 'a pattern that is too large' : null;
  } catch (error) {
    return error instanceof Error ? error.message : 'a pattern that cannot be read';
  }
}

export function callOf(node: Node): { name: string; args: readonly unknown[] } {
  const parts: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
  const last = parts.at(-1);
  const name = parts[0];
  return { name: typeof name === 'string' ? name : '', args: Array.isArray(last) ? last : [] };
}

function nestingFault(value: unknown, depth: number): Fault | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return firstFault(value, depth);
  if (!isNode(value)) return null;
  const expanded = value.meta.alternate;
  const deeper = isNode(expanded) && expanded.op === 'comprehension' ? depth + 1 : depth;
  if (deeper > deepestNesting) {
    const found = `${deeper} loops in each other`;
    return { offset: value.start, found, allowed: `${deepestNesting} at most` };
  }
  return nestingFault(value.args, deeper);
}

function firstFault(values: readonly unknown[], depth: number): Fault | null {
  for (const value of values) {
    const fault = nestingFault(value, depth);
    if (fault !== null) return fault;
  }
  return null;
}
