import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const required = process.env.PRATIQUE_E2E_REQUIRE === '1';

/** Where a program lies on the path; null where it does not. */
export function findProgram(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  return null;
}

/**
 * Whether every program that apt provides is there. Where they are required (CI) a missing one fails the run;
 * elsewhere it is named, and what needs it is not run.
 */
export function haveAptPrograms(...names: readonly string[]): boolean {
  const missing = names.filter((name) => findProgram(name) === null);
  if (missing.length === 0) return true;
  if (required)
    throw new Error(`these programs are required and missing: ${missing.join(', ')} (see .ci/run)`);
  for (const name of missing) process.stdout.write(`not run: ${name}\n`);
  return false;
}

/** Something that only the environment can provide; without it the tests print `not run: NAME`. */
export function environmentPath(variable: string, name: string): string | null {
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  process.stdout.write(`not run: ${name} (${variable} is not set)\n`);
  return null;
}
