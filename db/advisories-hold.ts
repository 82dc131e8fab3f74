import { join } from 'node:path';
import { errorText, PratiqueError } from '../core/errors.ts';
import { readIfThere, removeDurably, writeDurably } from './durable-files.ts';

/** Scheduled updates rest, because somebody went back to older advisories and would not like to find them gone. */
export interface AdvisoriesHold {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** Revisions; null where none could be read. */
  readonly from: string | null;
  readonly to: string;
}

const nameOf = (folder: string): string => join(folder, 'hold.json');
const unknown = 'unknown';

/**
 * A mark that cannot be read is one nevertheless.
 * @param folder of the kept revisions
 * @throws PratiqueError `data-unusable` where the folder cannot be read
 */
export function readHold(folder: string): AdvisoriesHold | null {
  let text: string | null;
  try {
    text = readIfThere(nameOf(folder));
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `${nameOf(folder)} cannot be read, so nobody knows whether scheduled updates are held: ${errorText(error)}`,
      { file: nameOf(folder) },
      error,
    );
  }
  if (text === null) return null;
  const value = parsed(text);
  const field = (name: string): string | null => {
    const found = value.get(name);
    return typeof found === 'string' ? found.slice(0, 200) : null;
  };
  return {
    at: field('at') ?? unknown,
    by: field('by') ?? unknown,
    from: field('from'),
    to: field('to') ?? unknown,
  };
}

function parsed(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    // It is there, which is what counts; what it says is unknown, and shown as that.
    return new Map();
  }
}

export function writeHold(folder: string, hold: AdvisoriesHold): void {
  writeDurably(nameOf(folder), `${JSON.stringify(hold)}\n`);
}

export function removeHold(folder: string): void {
  removeDurably(nameOf(folder));
}
