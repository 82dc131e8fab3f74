import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { webhookClosure } from './webhook-closure.ts';

/** What programs do not run: types, maps, and what a native module was compiled from. */
const unused = /\.(?:map|ts|mts|cts|c|cc|cpp|h|hpp|gyp|gypi|o|a|d|mk)$|(?:^|\/)obj\.target\//;
const folders = /(?:^|\/)(?:deps|src|test|tests|docs|\.deps|obj|obj\.target)$/;
/** Native modules, whose `src` and `deps` are sources; of others `src` may be what runs. */
const native: ReadonlySet<string> = new Set(['node_modules/better-sqlite3', 'node_modules/zstd-napi']);

/**
 * Copies what the webhook's image holds out of a built checkout.
 * @throws Error where something that is imported is not there
 */
export function copyWebhook(source: string, to: string): void {
  const from = resolve(source);
  const { files, packages } = webhookClosure(from);
  for (const file of ['package.json', 'LICENSE', ...files]) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
  }
  for (const folder of packages) {
    const filter = (path: string): boolean => {
      const inside = relative(join(from, folder), path);
      // What lies in a package's own node_modules is in the list itself where it is needed.
      if (inside.split('/').includes('node_modules')) return false;
      return !unused.test(inside) && !(native.has(folder) && folders.test(inside));
    };
    cpSync(join(from, folder), join(to, folder), { recursive: true, filter });
  }
}
