import { jwt } from './jwt.ts';
import { pairs } from './pairs.ts';
import { privateKeys } from './private-key.ts';
import type { SecretRule } from './rule.ts';
import { tokens } from './tokens.ts';

/** Raise it with every change of what is found, of a rule or of what is let through (allowed.ts). */
export const secretsVersion = 1;

/** Every kind of secret that is looked for, be it in files, variables or the history. */
export const secretRules: readonly SecretRule[] = [...privateKeys, ...tokens, ...pairs, jwt];

const byId: ReadonlyMap<string, SecretRule> = new Map(secretRules.map((rule) => [rule.id, rule]));

export function secretRule(id: string): SecretRule | undefined {
  return byId.get(id);
}
