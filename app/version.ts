import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders above the built file and one above the source. */
export function readVersion(): string {
  for (const place of ['../../package.json', '../package.json']) {
    const file = new URL(place, import.meta.url);
    try {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (name === 'pratique' && version !== undefined) return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('package.json was not found beside the program');
}
