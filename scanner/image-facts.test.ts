import { describe, expect, it } from '@jest/globals';
import type { ImageConfig } from '../core/image.ts';
import { imageFacts } from './image-facts.ts';
import { buildInventory } from './inventory.ts';

const config: ImageConfig = {
  platform: { os: 'linux', architecture: 'amd64', variant: null },
  created: '2026-01-01T00:00:00Z',
  user: '1000',
  labels: { team: 'web' },
  exposedPorts: ['80/tcp'],
  healthcheck: true,
  env: [],
  history: [],
  diffIds: [],
};
const many = (count: number, value = 'v'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));

describe('facts of a config', () => {
  it('are as the config has them', () => {
    expect(imageFacts(config)).toEqual({
      facts: {
        created: '2026-01-01T00:00:00Z',
        user: '1000',
        labels: { team: 'web' },
        exposedPorts: ['80/tcp'],
        healthcheck: true,
      },
      left: [],
    });
    expect(imageFacts(null)).toEqual({ facts: null, left: [] });
  });

  it.each<[what: string, fields: Partial<ImageConfig>, told: string]>([
    ['many labels', { labels: many(100_000) }, 'image config: labels: 99800 of 100000'],
    ['long labels', { labels: many(100, 'x'.repeat(2000)) }, 'image config: labels: 68 of 100'],
    ['one endless label', { labels: { a: 'x'.repeat(10 ** 6) } }, 'image config: labels: 1 of 1'],
    [
      'many ports',
      { exposedPorts: Array.from({ length: 9000 }, (_, at) => `${at}/tcp`) },
      'image config: exposed ports: 8800 of 9000',
    ],
    ['an endless port', { exposedPorts: ['2'.repeat(10 ** 6)] }, 'image config: exposed ports: 1 of 1'],
    ['an endless user', { user: 'x'.repeat(10 ** 6) }, 'image config: user: it has more than'],
    ['an endless time', { created: '1'.repeat(10 ** 6) }, 'image config: created: it has more than'],
  ])('stay bounded, and tell what is left: %s', (_what, fields, told) => {
    const inventory = buildInventory({ layers: [], config: { ...config, ...fields }, unfit: [] });
    expect(JSON.stringify(inventory.facts).length).toBeLessThan(100_000);
    expect(inventory.incomplete.map(({ what, why }) => `${what}: ${why}`).join('\n')).toContain(told);
  });

  it('keep a label that is named like what every object has', () => {
    const labels = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(JSON.stringify(imageFacts({ ...config, labels }).facts?.labels)).toBe('{"__proto__":"x"}');
  });

  it('lead to checks, and without a config to none', () => {
    const checksOf = (of: ImageConfig | null): string[] =>
      buildInventory({ layers: [], config: of, unfit: [] }).checks.map(({ id }) => id);
    expect(checksOf({ ...config, user: null, healthcheck: false })).toEqual([
      'runs-as-root',
      'no-healthcheck',
    ]);
    expect(checksOf(null)).toEqual([]);
  });
});
