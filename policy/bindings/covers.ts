import { coversImage } from '../image-pattern.ts';
import type { Selector } from './binding.ts';
import { coversName } from './glob.ts';

/** A selector that fits everything. */
export const everything: Selector = {
  gates: null,
  upstreams: null,
  images: null,
  clusters: null,
  namespaces: null,
  namespaceLabels: null,
  workloadLabels: null,
  serviceAccounts: null,
  users: null,
  groups: null,
};

export function isEverything(selector: Selector): boolean {
  return Object.values(selector).every((part: unknown) => part === null);
}

/**
 * Whether all that fits `narrower` fits `wider`. What several selectors cover together is not seen.
 * A wider one with workload labels covers nothing: it only adds.
 */
export function covers(wider: Selector, narrower: Selector): boolean {
  if (wider.workloadLabels !== null) return false;
  const names = (a: readonly string[] | null, b: readonly string[] | null, one = coversName): boolean =>
    a === null || b?.every((pattern) => a.some((other) => one(other, pattern))) === true;
  return (
    names(wider.gates, narrower.gates) &&
    names(wider.upstreams, narrower.upstreams) &&
    names(wider.images, narrower.images, coversImage) &&
    names(wider.clusters, narrower.clusters) &&
    names(wider.namespaces, narrower.namespaces) &&
    names(wider.serviceAccounts, narrower.serviceAccounts) &&
    names(wider.users, narrower.users) &&
    names(wider.groups, narrower.groups) &&
    coversLabels(wider.namespaceLabels, narrower.namespaceLabels)
  );
}

type Wanted = Selector['namespaceLabels'];

function coversLabels(wider: Wanted, narrower: Wanted): boolean {
  if (wider === null) return true;
  return Object.entries(wider).every(([key, value]) => {
    const other = narrower !== null && Object.hasOwn(narrower, key) ? narrower[key] : undefined;
    return other !== undefined && (value === '*' || value === other);
  });
}

/** The same text for selectors that say the same, however their lists are ordered. */
export function selectorKey(selector: Selector): string {
  return JSON.stringify(
    Object.entries(selector)
      .map(([key, value]: [string, unknown]) => [
        key,
        Array.isArray(value) ? [...new Set(value)].sort() : value === null ? null : sorted(value),
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
