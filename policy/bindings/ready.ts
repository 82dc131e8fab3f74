import type { Policy } from '../policy.ts';
import { readyPolicies } from '../ready/index.ts';

let ready: ReadonlyMap<string, Policy> | null = null;

/** The policies that are there without a file, by name; read once. */
export function readyByName(): ReadonlyMap<string, Policy> {
  ready ??= new Map([...readyPolicies].map(([name, read]) => [name, read()]));
  return ready;
}

export function isReady(name: string): boolean {
  return readyByName().has(name);
}
