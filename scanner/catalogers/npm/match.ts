import type { Interest } from '../cataloger.ts';

/** The largest package.json on the npm registry has a few hundred kilobytes. */
export const largestManifest = 1024 ** 2;
/** pnpm's store holds every file of every package under a name made from its digest. */
const pnpmStore = /\/files\/[0-9a-f]{2}\/[0-9a-f]{16,}$/;

/** One at a time is held in memory. */
const readArchive: Interest = { kind: 'content', limit: 256 * 1024 ** 2 };
/** Where Yarn keeps the packages that Plug'n'Play runs from, in a project and for all projects. */
const yarnCache = /(?:^|\/)(?:\.yarn|berry)\/cache\/[^/]+\.zip$/;
/** `NAME-npm-VERSION-HASH-CHECKSUM.zip`, wherever `cacheFolder` is. */
const yarnArchive = /-(?:npm|patch|https|file)-[^/]+-[0-9a-f]{10}-[0-9a-z]{1,16}\.zip$/;

/** The manifests of installed packages, and Yarn's archives of them. */
export function matchNpm(path: string): Interest | null {
  if (path.endsWith('/package.json'))
    return placeOfManifest(path) === null ? null : { kind: 'content', limit: largestManifest };
  return isYarnArchive(path) ? readArchive : null;
}

/**
 * The name by which Node finds a package: that of its folder in `node_modules/<name>/package.json` and
 * `node_modules/@scope/<name>/package.json`, wherever they lie. Null for any other path.
 */
export function placeOfManifest(path: string): string | null {
  if (!path.endsWith('/package.json')) return null;
  const parts = path.split('/');
  const name = parts.at(-2) ?? '';
  // Names of npm packages begin with no dot; what does is some tool's folder.
  if (name.startsWith('.') || name.startsWith('@')) return null;
  if (parts.at(-3) === 'node_modules') return name;
  const scope = parts.at(-3) ?? '';
  return parts.at(-4) === 'node_modules' && scope.startsWith('@') ? `${scope}/${name}` : null;
}

export function isYarnArchive(path: string): boolean {
  return path.endsWith('.zip') && (yarnCache.test(path) || yarnArchive.test(path));
}

/**
 * Workspaces and `npm link` put links to any package.json into node_modules; files there may be hard links to those
 * of a pnpm store.
 */
export function isNpmCandidate(path: string): boolean {
  return path.endsWith('/package.json') || path === 'package.json' || pnpmStore.test(path);
}
