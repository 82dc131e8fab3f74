import type { Policy } from '../policy.ts';
import { baselinePolicy } from '../ready/baseline.ts';

let ready: ReadonlyMap<string, Policy> | null = null;

/** The policies that are there without a file, by name; read once. */
export function readyByName(): ReadonlyMap<string, Policy> {
  ready ??= new Map([baselinePolicy()].map((policy) => [policy.name, policy]));
  return ready;
}

export function isReady(name: string): boolean {
  return readyByName().has(name);
}
