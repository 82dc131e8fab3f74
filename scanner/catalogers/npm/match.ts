import type { Interest } from '../cataloger.ts';

/** The largest package.json on the npm registry has a few hundred kilobytes. */
const largest = 1024 ** 2;

/** `node_modules/<name>/package.json` and `node_modules/@scope/<name>/package.json`, wherever they lie. */
export function matchNpm(path: string): Interest | null {
  if (!path.endsWith('/package.json')) return null;
  const parts = path.split('/');
  // Names of npm packages begin with no dot; what does is some tool's folder.
  if (parts.at(-2)?.startsWith('.') !== false) return null;
  const inModules = parts.at(-3) === 'node_modules' && !parts.at(-2)?.startsWith('@');
  const inScope = parts.at(-4) === 'node_modules' && parts.at(-3)?.startsWith('@') === true;
  return inModules || inScope ? { kind: 'content', limit: largest } : null;
}
