import { PratiqueError } from '../core/errors.ts';
import type { Config } from './config/config.ts';

/** What `serve` can be. */
export const roles = ['proxy', 'harbor-adapter', 'webhook', 'console', 'worker'] as const;
export type Role = (typeof roles)[number];

/**
 * Reads `--roles`.
 * @param text names with commas between them; null: all
 * @throws PratiqueError `usage-invalid`
 */
export function parseRoles(text: string | null): ReadonlySet<Role> {
  if (text === null) return new Set(roles);
  const names = text.split(',').map((name) => name.trim());
  const found = names.flatMap((name) => roles.find((role) => role === name) ?? []);
  const wrong = names.find((name) => !roles.some((role) => role === name));
  if (wrong === undefined) return new Set(found);
  throw new PratiqueError(
    'usage-invalid',
    `--roles: found "${wrong}", allowed are ${roles.join(', ')}, with commas between them`,
    { roles: text },
  );
}

/** Whether this is a webhook and nothing else, which then stands on its own feet. */
export function isWebhookAlone(chosen: ReadonlySet<Role>): boolean {
  return chosen.has('webhook') && !chosen.has('proxy') && !chosen.has('harbor-adapter');
}

/** The configuration with what other roles would listen on switched off. */
export function ofRoles(config: Config, chosen: ReadonlySet<Role>): Config {
  const { listen } = config;
  const proxy = chosen.has('proxy');
  return {
    ...config,
    listen: {
      ...listen,
      registry: proxy ? listen.registry : null,
      bound: proxy ? listen.bound : [],
      gates: proxy ? listen.gates : null,
      webhook: chosen.has('webhook') ? listen.webhook : null,
      harborAdapter: chosen.has('harbor-adapter') ? listen.harborAdapter : null,
    },
  };
}
