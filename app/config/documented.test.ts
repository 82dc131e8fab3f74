import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { configSchema } from './schema.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const pages = `${page('configuration.md')}${page('events.md')}${page('upstreams.md')}`;

type Node = z.core.JSONSchema.BaseSchema;

/** All keys: with those of the maps around them, but for what stands in a list or in one of several shapes. */
function keysOf(node: Node, prefix: string): readonly string[] {
  const { properties = {}, items, anyOf = [], oneOf = [] } = node;
  const nested = Object.entries(properties).flatMap(([key, value]) => {
    if (typeof value === 'boolean') return [];
    const below = keysOf(value, `${prefix}${key}.`);
    return below.length === 0 ? [`${prefix}${key}`] : below;
  });
  const listed = typeof items === 'object' && !Array.isArray(items) ? keysOf(items, '') : [];
  const chosen = [...anyOf, ...oneOf].flatMap((one) => (typeof one === 'boolean' ? [] : keysOf(one, '')));
  return [...new Set([...nested, ...listed, ...chosen])];
}

const keys = keysOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }), '');

/** Every way to a key, maps and lists on the way too: `gates`, `gates.tokens`, `gates.tokens.cluster`. */
function waysOf(node: Node, way: string): readonly string[] {
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [] } = node;
  const inside = [items, ...anyOf, ...oneOf, ...allOf].flatMap((one) =>
    typeof one === 'object' && !Array.isArray(one) ? waysOf(one, way) : [],
  );
  const below = Object.entries(properties).flatMap(([key, value]) => {
    const next = way === '' ? key : `${way}.${key}`;
    return [next, ...(typeof value === 'boolean' ? [] : waysOf(value, next))];
  });
  return [...new Set([...inside, ...below])];
}

/** What stands in the first column of tables whose title there begins with "key"; `….` and `[]` stand for what is around. */
function documented(text: string): readonly string[] {
  const found: string[] = [];
  let isOfKeys = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      isOfKeys = false;
      continue;
    }
    const [, cell = ''] = line.split('|');
    if (/^ *key\b/.test(cell)) isOfKeys = true;
    else if (isOfKeys)
      for (const [, name = ''] of cell.matchAll(/`([^`]+)`/g))
        found.push(name.replaceAll('[]', '').replace(/^….?/, ''));
  }
  return [...new Set(found)];
}

const ways = waysOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }), '');
const written = ['configuration.md', 'upstreams.md'].flatMap((name) =>
  documented(page(name)).map((key) => [name, key] as const),
);

describe('what the program takes', () => {
  it('is compared with what is written', () => {
    expect(written.length).toBeGreaterThan(150);
    expect(ways).toEqual(expect.arrayContaining(['gates.tokens', 'gates.tokens.cluster']));
  });
  it.each(written)('has, of docs/%s, %s', (_page, key) => {
    expect(ways.filter((way) => way === key || way.endsWith(`.${key}`))).not.toEqual([]);
  });
});

describe('docs/configuration.md and docs/events.md', () => {
  it('are compared with what there is', () => {
    expect(keys).toEqual(
      expect.arrayContaining([
        'cluster',
        'teamLabel',
        'webhook.kubeconfig',
        'events.warnBefore',
        'minSeverity',
      ]),
    );
  });
  it.each(keys)('name %s', (key) => {
    const [last = '', ...around] = key.split('.').reverse();
    const isNested = around.length > 0;
    const map = around.toReversed().join('.');
    // A row may name a map and then its keys: "PEM files `certificate` and `key`".
    const inRow = pages
      .split('\n')
      .some((line) => line.includes(`\`${map}\``) && line.includes(`\`${last}\``));
    const told = isNested ? pages.includes(`\`${key}\``) || inRow : new RegExp(`\\b${last}\\b`).test(pages);
    expect([key, told]).toEqual([key, true]);
  });
});
