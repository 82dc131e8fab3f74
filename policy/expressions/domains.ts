import { checkIds } from '../../core/check.ts';
import { packageTypes } from '../../core/inventory.ts';
import { severities } from '../../core/severity.ts';
import { kinds, statuses } from '../schema-rule.ts';
import { isNode, type Node } from './nodes.ts';
import { callOf } from './rules.ts';

/** Fields whose values are known, by type and field. */
const enumerations: Readonly<Record<string, readonly string[]>> = {
  'Finding.severity': severities,
  'Finding.kind': kinds,
  'Finding.status': statuses,
  'Finding.ecosystem': packageTypes,
  'Package.ecosystem': packageTypes,
};

/** What a text can be. */
export type Domain =
  | { readonly kind: 'enumeration'; readonly name: string; readonly values: readonly string[] }
  | {
      readonly kind: 'written';
      readonly texts: readonly { readonly text: string; readonly start: number }[];
    };

/** What the variables of loops can be; null: anything. */
export type Scope = ReadonlyMap<string, Domain | null>;

const changes: Readonly<Record<string, (text: string) => string>> = {
  lowerAscii: (text) => text.toLowerCase(),
  upperAscii: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
};

/** What an expression that was type-checked can be; null: anything, or no text. */
export function domainOf(node: unknown, scope: Scope): Domain | null {
  if (!isNode(node)) return null;
  if (node.op === 'value') {
    const { args: text, start } = node;
    return typeof text === 'string' ? { kind: 'written', texts: [{ text, start }] } : null;
  }
  if (node.op === 'id') return scope.get(String(node.args)) ?? null;
  if (node.op === '?:') {
    const [, yes, no] = partsOf(node).map((part) => domainOf(part, scope));
    if (yes?.kind !== 'written' || no?.kind !== 'written') return null;
    return { kind: 'written', texts: [...yes.texts, ...no.texts] };
  }
  if (node.op === 'rcall') {
    const change = changes[callOf(node).name];
    const inner = change === undefined ? null : domainOf(partsOf(node)[1], scope);
    if (change === undefined || inner?.kind !== 'enumeration') return null;
    return { ...inner, values: inner.values.map(change) };
  }
  const field = fieldOf(node);
  if (field === null) return null;
  const values = enumerations[`${field.type}.${field.field}`];
  return values === undefined ? null : { kind: 'enumeration', name: field.name, values };
}

/** What the elements of a list can be. */
export function elementsOf(node: unknown, scope: Scope): Domain | null {
  if (!isNode(node)) return null;
  if (node.op === 'list') {
    const texts = partsOf(node).flatMap((part) => {
      const domain = domainOf(part, scope);
      return domain?.kind === 'written' ? domain.texts : [];
    });
    return { kind: 'written', texts };
  }
  if (node.op === 'id' && node.args === 'checks' && !scope.has('checks')) {
    return { kind: 'enumeration', name: 'checks', values: checkIds };
  }
  if (node.op !== 'rcall') return null;
  const { name, args } = callOf(node);
  if (name === 'filter') return elementsOf(partsOf(node)[1], scope);
  return name === 'map' ? domainOf(args.at(-1), innerScope(node, scope)) : null;
}

/** The scope inside of a loop. */
export function innerScope(loop: Node, scope: Scope): Scope {
  const variable = callOf(loop).args[0];
  if (!isNode(variable) || variable.op !== 'id') return scope;
  return new Map(scope).set(String(variable.args), elementsOf(partsOf(loop)[1], scope));
}

/** A field of a value, as `a.b` or `a["b"]`; null for anything else. */
export function fieldOf(node: unknown): { type: string; field: string; name: string } | null {
  if (!isNode(node) || (node.op !== '.' && node.op !== '[]')) return null;
  const [of, key] = partsOf(node);
  const field = isNode(key) && key.op === 'value' ? key.args : key;
  if (typeof field !== 'string') return null;
  const name = isNode(of) && of.op === 'id' ? `${String(of.args)}.${field}` : field;
  return { type: typeOf(of), field, name };
}

/** The name of its type; '' where it was not checked. */
export function typeOf(node: unknown): string {
  const type: unknown = isNode(node) ? Reflect.get(node, 'checkedType') : null;
  const name: unknown = typeof type === 'object' && type !== null ? Reflect.get(type, 'name') : null;
  return typeof name === 'string' ? name : '';
}

export function partsOf(node: Node): readonly unknown[] {
  return Array.isArray(node.args) ? node.args : [];
}
