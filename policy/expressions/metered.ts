import { RE2JS } from 're2js';
import { type Meter, tooCostly } from './meter.ts';
import { isNode, type Node, nodesOf } from './nodes.ts';
import { callOf } from './rules.ts';

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** UTF-16 units of a text that a pattern is tried on. */
const longestText = 4000;

/**
 * Makes every node of a checked expression count its steps, the length of what it gives included, and puts a matcher
 * without backtracking in place of the library's `matches`, which hands patterns to RegExp.
 * @param meter that of the evaluation which is under way
 */
export function meterNodes(root: unknown, meter: () => Meter): void {
  for (const node of nodesOf(root)) {
    const inner = ownMethod(node, meter) ?? evaluateOf(node);
    const evaluate: Evaluate = (evaluator, self, context) => {
      meter().spend(1);
      const result = attempt(inner, evaluator, self, context, meter);
      if (typeof result === 'string') meter().spend(result.length >> 8);
      else if (Array.isArray(result)) meter().spend(result.length >> 4);
      return result;
    };
    // The library sets this property itself when a node is first used: it must not get back what is metered.
    Object.defineProperty(node, 'evaluate', { value: evaluate, writable: false });
  }
}

/** The library writes a page of text for each error, and its loops go on after one. */
const stepsOfError = 500;

function attempt(
  inner: Evaluate,
  evaluator: unknown,
  self: unknown,
  context: unknown,
  meter: () => Meter,
): unknown {
  try {
    return inner(evaluator, self, context);
  } catch (error) {
    if (error !== tooCostly) meter().spend(stepsOfError);
    throw error;
  }
}

function evaluateOf(node: Node): Evaluate {
  const { alternate, macro, evaluate } = node.meta;
  const target = alternate ?? macro;
  if (typeof target === 'object' && target !== null) {
    return (evaluator, _node, context) =>
      call(Reflect.get(target, 'evaluate'), target, evaluator, target, context);
  }
  return (evaluator, _node, context) => call(evaluate, node, evaluator, node, context);
}

function call(fn: unknown, self: unknown, ...args: readonly unknown[]): unknown {
  if (typeof fn !== 'function') throw new Error('the CEL library keeps its functions in another place');
  return Reflect.apply(fn, self, args);
}

/** Methods whose time is more than the length of what they get or give: answered here, with their price. */
function ownMethod(node: Node, meter: () => Meter): Evaluate | null {
  if (node.op !== 'rcall') return null;
  const { name, args } = callOf(node);
  if (name === 'matches') return linearMatch(node, args[0], meter);
  return name === 'contains' ? pricedSearch(node, args[0], meter) : null;
}

function receiverOf(node: Node): unknown {
  const parts: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
  return parts[1];
}

/** @throws Error where it is no text: the type checker has seen to that */
function textOf(node: unknown, evaluator: unknown, context: unknown): string {
  if (!isNode(node)) throw new Error('the CEL library keeps its arguments in another place');
  const value = call(Reflect.get(node, 'evaluate'), node, evaluator, node, context);
  if (typeof value !== 'string') throw new Error('only a text can be searched');
  return value;
}

function linearMatch(node: Node, written: unknown, meter: () => Meter): Evaluate {
  const receiver = receiverOf(node);
  const pattern = RE2JS.compile(String(isNode(written) ? written.args : ''));
  const cost = pattern.programSize() / 4;
  return (evaluator, _node, context) => {
    const subject = textOf(receiver, evaluator, context);
    if (subject.length > longestText) {
      throw new Error(`a text of more than ${longestText} characters is not matched`);
    }
    meter().spend(Math.ceil(subject.length * cost));
    return pattern.matcher(subject).find();
  };
}

/** Looking for one text in another takes the product of their lengths at worst (`aab` in many `a`). */
function pricedSearch(node: Node, wanted: unknown, meter: () => Meter): Evaluate {
  const receiver = receiverOf(node);
  return (evaluator, _node, context) => {
    const subject = textOf(receiver, evaluator, context);
    const part = textOf(wanted, evaluator, context);
    meter().spend(Math.ceil((subject.length * part.length) / 16));
    return subject.includes(part);
  };
}
