import { RE2JS } from 're2js';
import {
  type Domain,
  domainOf,
  elementsOf,
  fieldOf,
  innerScope,
  partsOf,
  type Scope,
  typeOf,
} from './domains.ts';
import { isNode, type Node } from './nodes.ts';
import { callOf, type Fault } from './rules.ts';
import { types } from './vocabulary.ts';

const orders: readonly string[] = ['<', '<=', '>', '>='];
/** What has an order that means something; texts are compared letter by letter. */
const ordered: readonly string[] = [
  'int',
  'uint',
  'double',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
];
const loops: readonly string[] = ['exists', 'exists_one', 'all', 'filter', 'map'];
const tests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
  matches: (text, part) => RE2JS.compile(part).matcher(text).find(),
};

/**
 * Refuses what is never true, or true of another reason than it seems, in an expression that was type-checked: texts
 * put in order, and fields compared with what they never are. @returns null: nothing is wrong
 */
export function comparisonFault(value: unknown, scope: Scope = new Map()): Fault | null {
  if (Array.isArray(value)) return firstOf(value, scope);
  if (!isNode(value)) return null;
  return faultOfNode(value, scope) ?? faultInside(value, scope);
}

function firstOf(values: readonly unknown[], scope: Scope): Fault | null {
  for (const value of values) {
    const fault = comparisonFault(value, scope);
    if (fault !== null) return fault;
  }
  return null;
}

function faultInside(node: Node, scope: Scope): Fault | null {
  if (node.op !== 'rcall' || !loops.includes(callOf(node).name)) return comparisonFault(node.args, scope);
  return comparisonFault(partsOf(node)[1], scope) ?? firstOf(callOf(node).args, innerScope(node, scope));
}

function faultOfNode(node: Node, scope: Scope): Fault | null {
  const [left, right] = partsOf(node);
  if (orders.includes(node.op)) return orderFault(node, left, right);
  if (node.op === '==' || node.op === '!=') return mismatch(domainOf(left, scope), domainOf(right, scope));
  if (node.op === 'in') return mismatch(domainOf(left, scope), elementsOf(right, scope));
  if (node.op === 'call' && callOf(node).name === 'has') return unknownField(callOf(node).args[0]);
  return node.op === 'rcall' ? partFault(node, scope) : null;
}

function orderFault(node: Node, left: unknown, right: unknown): Fault | null {
  if ([left, right].every((side) => ordered.includes(typeOf(side)))) return null;
  const field = fieldOf(left) ?? fieldOf(right);
  const found = `"${node.op}" between texts${field === null ? '' : ` (${field.name})`}, whose order is that of their letters`;
  return { offset: node.start, found, allowed: insteadOf(field) };
}

/** What to write where texts were put in order. */
function insteadOf(field: ReturnType<typeof fieldOf>): string {
  if (field?.type === 'Finding' && field.field === 'severity') {
    return `"when: { severity: { atLeast: high, unknown: true } }", or ${field.name} in ["critical", "high"]`;
  }
  if (field !== null && /version$/i.test(field.field)) {
    return `${field.name} == "...", in ["..."], startsWith and matches (versions are no numbers: "1.10" would come before "1.9")`;
  }
  return '==, in, startsWith and matches for texts; <, <=, > and >= for numbers and times';
}

/** A text that is written out, and that the enumeration on the other side does not have. */
function mismatch(one: Domain | null, other: Domain | null): Fault | null {
  if (one?.kind === 'written' && other?.kind === 'enumeration') return mismatch(other, one);
  if (one?.kind !== 'enumeration' || other?.kind !== 'written') return null;
  const wrong = other.texts.find(({ text }) => !one.values.includes(text));
  return wrong === undefined ? null : neverFault(one, wrong.text, wrong.start);
}

function partFault(node: Node, scope: Scope): Fault | null {
  const { name, args } = callOf(node);
  const fits = tests[name];
  const receiver = domainOf(partsOf(node)[1], scope);
  const part = domainOf(args[0], scope);
  if (fits === undefined || receiver?.kind !== 'enumeration' || part?.kind !== 'written') return null;
  const wrong = part.texts.find(({ text }) => !receiver.values.some((value) => fits(value, text)));
  return wrong === undefined ? null : neverFault(receiver, wrong.text, wrong.start);
}

function neverFault(domain: Domain & { kind: 'enumeration' }, text: string, offset: number): Fault {
  const found = `${domain.name}, which is never like "${text.slice(0, 60)}"`;
  return { offset, found, allowed: domain.values.join(', ') };
}

/** `has` of a field that no value has is false for ever, and the type checker does not mind. */
function unknownField(node: unknown): Fault | null {
  const field = fieldOf(node);
  if (field === null || !isNode(node)) return null;
  const known = fieldsOf(field.type);
  if (known === null || known.includes(field.field)) return null;
  return { offset: node.start, found: `the unknown field: ${field.field}`, allowed: known.join(', ') };
}

/** Names of a type's fields; null for a type that has none of its own. */
export function fieldsOf(type: string): readonly string[] | null {
  return Object.hasOwn(types, type) ? Object.keys(types[type as keyof typeof types]) : null;
}
