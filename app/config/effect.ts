import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isWebhookAlone, type Role } from '../roles.ts';

/** Sections whose keys have an effect each of their own. */
const sections: ReadonlySet<string> = new Set(['listen', 'webhook', 'log']);

/**
 * Keys that a configuration file gives: `policy`, `listen.gates`. The file was read and checked before.
 * @param file null: there is none
 */
export function givenKeys(file: string | null): readonly string[] {
  const value: unknown = file === null ? null : parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 });
  return keysIn(value).flatMap(([key, below]) =>
    sections.has(key) ? keysIn(below).map(([name]) => `${key}.${name}`) : [key],
  );
}

function keysIn(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A webhook that stands on its own feet has the rest from its proxy. */
const ofWebhookAlone =
  /^(?:data|cluster|teamLabel|shutdown|log\.level|listen\.(?:webhook|management)|webhook\..+)$/;

/** Keys with an effect for one role alone; `webhook.running` has one wherever it stands. */
const ofRole: readonly (readonly [role: Role, keys: RegExp])[] = [
  ['proxy', /^(?:gates|prefetch|listen\.(?:registry|registryTls|bound|trustedProxies|gates))$/],
  ['harbor-adapter', /^(?:harborAdapter|listen\.harborAdapter)$/],
  ['webhook', /^(?:listen\.webhook|webhook\.(?!running$).+)$/],
];

/** Those of the given keys that change nothing in a process of these roles. */
export function withoutEffect(given: readonly string[], roles: ReadonlySet<Role>): readonly string[] {
  const alone = isWebhookAlone(roles);
  return given.filter((key) => {
    if (alone) return !ofWebhookAlone.test(key);
    if (key === 'webhook.proxy') return true;
    if (key === 'gates' && !given.includes('listen.gates')) return true;
    return ofRole.some(([role, keys]) => !roles.has(role) && keys.test(key));
  });
}
