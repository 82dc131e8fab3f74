import type { Interest } from '../cataloger.ts';

/** The largest package.json on the npm registry has a few hundred kilobytes. */
const largest = 1024 ** 2;
/** pnpm's store holds every file of every package under a name made from its digest. */
const pnpmStore = /\/files\/[0-9a-f]{2}\/[0-9a-f]{16,}$/;

/** `node_modules/<name>/package.json` and `node_modules/@scope/<name>/package.json`, wherever they lie. */
export function matchNpm(path: string): Interest | null {
  if (!path.endsWith('/package.json')) return null;
  const parts = path.split('/');
  const name = parts.at(-2) ?? '';
  // Names of npm packages begin with no dot; what does is some tool's folder.
  if (name.startsWith('.') || name.startsWith('@')) return null;
  const inModules = parts.at(-3) === 'node_modules';
  const inScope = parts.at(-4) === 'node_modules' && parts.at(-3)?.startsWith('@') === true;
  return inModules || inScope ? { kind: 'content', limit: largest } : null;
}

/**
 * Workspaces and `npm link` put links to any package.json into node_modules; files there may be hard links to those
 * of a pnpm store.
 */
export function isNpmCandidate(path: string): boolean {
  return path.endsWith('/package.json') || path === 'package.json' || pnpmStore.test(path);
}
