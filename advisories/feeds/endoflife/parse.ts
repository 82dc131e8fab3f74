import type { FeedRecord } from '../feed.ts';
import { fieldOf, isObject, Malformed, textOf } from '../osv/fields.ts';
import { type EndOfLifeProduct, endOfLifeProducts } from './products.ts';

/** One product of endoflife.date; null for one that is no system of ours. */
export function parseProduct(value: unknown): readonly FeedRecord[] | null {
  const name = isObject(value) ? fieldOf(value, 'name') : undefined;
  if (!isObject(value) || typeof name !== 'string') {
    return [{ kind: 'rejected', name: 'a product without a name', why: '"name" is missing or no text' }];
  }
  const product = endOfLifeProducts.get(name);
  if (product === undefined) return null;
  const releases = fieldOf(value, 'releases');
  if (!Array.isArray(releases)) return [{ kind: 'rejected', name, why: '"releases" is no list' }];
  return (releases as readonly unknown[]).flatMap((release, index): readonly FeedRecord[] => {
    const at = isObject(release) ? fieldOf(release, 'name') : undefined;
    const called = typeof at === 'string' && at !== '' ? at.slice(0, 64) : `releases[${index}]`;
    try {
      const record = releaseRecord(release, product);
      return record === null ? [] : [record];
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return [{ kind: 'rejected', name: `${name} ${called}`, why: error.message }];
    }
  });
}

/** Null where no end is planned. */
function releaseRecord(release: unknown, product: EndOfLifeProduct): FeedRecord | null {
  if (!isObject(release)) throw new Malformed('it is no object');
  const name = textOf(release, 'name');
  if (!/^[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}$/.test(name))
    throw new Malformed('its name is no number of a release');
  // Without a date for longer support there is none of it, or not yet: the earlier end is the safer one to tell.
  const day = (product.end === 'eoes' ? dayOf(release, 'eoesFrom') : null) ?? dayOf(release, 'eolFrom');
  if (day === null) {
    if (fieldOf(release, 'isEol') === true) throw new Malformed('it has ended, and not said when');
    return null;
  }
  const endsAt = product.day === 'last' ? dayAfter(day) : day;
  return { kind: 'end-of-life', os: product.os(name), release: product.release(name), endsAt };
}

/** A day, `2028-06-30`; null where none is named. */
function dayOf(release: object, name: string): string | null {
  const value = fieldOf(release, name);
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && /^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(value)) {
    const time = Date.parse(value);
    // 2026-02-30 is a day for Date.parse, and another one when it is printed.
    if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return value;
  }
  throw new Malformed(`"${name}" is no day`);
}

const dayLength = 86_400_000;

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + dayLength).toISOString().slice(0, 10);
}
