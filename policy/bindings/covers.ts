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

/** Whether one part of a selector covers that part of another. */
type Covers = (wider: Selector, narrower: Selector) => boolean;

/** One for each key of a selector: a part that nobody compares would be taken for covered. */
const parts: Readonly<Record<keyof Selector, Covers>> = {
  gates: (wider, narrower) => coversNames(wider.gates, narrower.gates),
  upstreams: (wider, narrower) => coversNames(wider.upstreams, narrower.upstreams),
  images: (wider, narrower) => coversNames(wider.images, narrower.images, coversImage),
  clusters: (wider, narrower) => coversNames(wider.clusters, narrower.clusters),
  namespaces: (wider, narrower) => coversNames(wider.namespaces, narrower.namespaces),
  namespaceLabels: (wider, narrower) => coversLabels(wider.namespaceLabels, narrower.namespaceLabels),
  workloadLabels: (wider) => wider.workloadLabels === null,
  serviceAccounts: (wider, narrower) => coversNames(wider.serviceAccounts, narrower.serviceAccounts),
  users: (wider, narrower) => coversNames(wider.users, narrower.users),
  groups: (wider, narrower) => coversNames(wider.groups, narrower.groups),
};

/**
 * Whether all that fits `narrower` fits `wider`. What several selectors cover together is not seen.
 * A wider one with workload labels covers nothing: it only adds.
 */
export function covers(wider: Selector, narrower: Selector): boolean {
  return Object.values(parts).every((part) => part(wider, narrower));
}

function coversNames(
  wider: readonly string[] | null,
  narrower: readonly string[] | null,
  one = coversName,
): boolean {
  return wider === null || narrower?.every((pattern) => wider.some((other) => one(other, pattern))) === true;
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
