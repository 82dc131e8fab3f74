import { PratiqueError } from '../../core/errors.ts';
import { compilePattern, type RepositoryMatcher } from '../repository-pattern.ts';
import type { RepositoryRules, UpstreamConfig } from './config.ts';

/**
 * Whether a repository of an upstream may be asked for.
 * @returns throws PratiqueError `repository-denied` where it may not
 */
export function repositoryRule({
  name,
  repositories,
}: Pick<UpstreamConfig, 'name' | 'repositories'>): (path: string) => void {
  if (repositories === undefined) return () => undefined;
  const refusal = refusalBy(repositories);
  return (path) => {
    const why = refusal(path);
    if (why === null) return;
    throw new PratiqueError('repository-denied', deniedText(name, path, why), { upstream: name, path });
  };
}

/** Why a repository may not be asked for; null: it may. */
export function refusalBy({ allow, deny }: RepositoryRules): (path: string) => string | null {
  const denied = deny.map((pattern) => ({ pattern, matches: compilePattern(pattern) }));
  const allowed: readonly RepositoryMatcher[] = allow.map(compilePattern);
  return (path) => {
    const by = denied.find(({ matches }) => matches(path));
    if (by !== undefined) return `its deny list names "${by.pattern}"`;
    if (allowed.length === 0 || allowed.some((matches) => matches(path))) return null;
    return 'it is not on its allow list';
  };
}

export function deniedText(upstream: string, path: string, why: string): string {
  return `the repository ${path} of the upstream ${upstream} is not to be had here: ${why}`;
}
