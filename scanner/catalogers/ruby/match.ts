import type { Interest } from '../cataloger.ts';

/** Lists of all files of a gem make up most of a specification; the largest have some hundred kilobytes. */
const read: Interest = { kind: 'content', limit: 4 * 1024 ** 2 };

/** Where RubyGems writes down what it has installed; `default` are the gems that came with Ruby. */
const installed = /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/;
/** Gems that Bundler took from Git; it writes their specifications anew. One repository may hold several. */
const fromGit = /(?:^|\/)bundler\/gems\/[^/]+-[0-9a-f]{7,40}\/(?:[^/]+\/)?[^/]+\.gemspec$/;

/** Specifications of installed gems. Those in the folder of a gem's own code are what it was built from. */
export function matchRuby(path: string): Interest | null {
  return path.endsWith('.gemspec') && (installed.test(path) || fromGit.test(path)) ? read : null;
}

export function isFromGit(path: string): boolean {
  return !installed.test(path);
}

/** Package managers that keep everything in one place put links to it here. */
export function isRubyCandidate(path: string): boolean {
  return path.endsWith('.gemspec');
}

const folder = /(?:^|\/)specifications(?:\/default)?$/;

/** Where RubyGems looks for specifications. */
export function isRubyFolder(path: string): boolean {
  return folder.test(path);
}
