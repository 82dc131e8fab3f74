import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../test/support/images.ts';
import type { LayerEvent } from './events.ts';
import { overlay } from './overlay.ts';

const file = (path: string, version: string): LayerEvent => ({
  kind: 'file',
  path,
  cataloger: 'npm',
  facts: { packages: [], os: null, incomplete: [{ what: path, why: version }] },
});

/** Path → version, by this room's overlay. */
function overlaid(layers: readonly (readonly LayerEvent[])[]): Map<string, string> {
  const tree = overlay(layers.map((events, index) => ({ digest: sha256(String(index)), events })));
  const entries = [...tree.files()].map(
    ({ path, contents }) => [path, contents.at(-1)?.facts?.incomplete[0]?.why ?? ''] as const,
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same by the words of the OCI image spec: a map of paths, rewritten layer by layer. */
function model(layers: readonly (readonly LayerEvent[])[]): Map<string, string> {
  let paths = new Map<string, string>();
  for (const events of layers) {
    const upper = new Map<string, string>();
    for (const event of events) {
      const inside = (path: string): boolean => event.path === '' || path.startsWith(`${event.path}/`);
      if (event.kind === 'file') upper.set(event.path, event.facts.incomplete[0]?.why ?? '');
      if (event.kind === 'opaque') paths = new Map([...paths].filter(([path]) => !inside(path)));
      if (event.kind === 'whiteout')
        paths = new Map([...paths].filter(([path]) => path !== event.path && !inside(path)));
    }
    for (const [path, version] of upper) paths.set(path, version);
  }
  return new Map([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('overlay', () => {
  it('does what the image spec says', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    const event = fc.oneof(
      fc.tuple(path, fc.stringMatching(/^v[0-9]{1,4}$/)).map(([at, version]) => file(`${at}/f`, version)),
      path.map((at): LayerEvent => ({ kind: 'whiteout', path: at })),
      path.map((at): LayerEvent => ({ kind: 'whiteout', path: `${at}/f` })),
      fc.oneof(path, fc.constant('')).map((at): LayerEvent => ({ kind: 'opaque', path: at })),
    );
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 5 }), (layers) => {
        expect(overlaid(layers)).toEqual(model(layers));
      }),
      { numRuns: 1000 },
    );
  });

  it('follows links when it reads, circles to their end', () => {
    const link = (path: string, target: string): LayerEvent => ({ kind: 'symlink', path, target });
    const events = [
      file('d/f', 'v'),
      link('l', 'd'),
      link('x/m', '../l'),
      link('abs', '/x/m'),
      link('c1', 'c2'),
      link('c2', 'c1'),
      link('up', '../../..'),
      link('far', 'none/where'),
    ];
    const tree = overlay([{ digest: null, events }]);
    const read = (path: string): unknown => [tree.read(path).contents.length, tree.read(path).linkedTo];
    expect(['d/f', 'l/f', 'x/m/f', 'abs/f', 'up/d/f', 'c1/f', 'far/f', 'none'].map(read)).toEqual([
      [1, null],
      [1, 'd/f'],
      [1, 'd/f'],
      [1, 'd/f'],
      [1, 'd/f'],
      [0, ''],
      [0, 'none/where/f'],
      [0, null],
    ]);
    expect([tree.isLink('l'), tree.isLink('x/m'), tree.isLink('abs/f'), tree.isLink('nothing')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is quick with many whiteouts over many files', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => file(`d/${index}/f`, 'v'));
    const hide: readonly LayerEvent[] = Array.from({ length: 20_000 }, () => ({
      kind: 'whiteout',
      path: 'd',
    }));
    const start = process.hrtime.bigint();
    expect(overlaid([many, hide]).size).toBe(0);
    // Once per event and file it would be 400 million steps.
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(5);
  });
});
