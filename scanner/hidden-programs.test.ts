import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../test/support/images.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import { hard, inventoryOf, type Layer, names, npm, type Sample, whiteout } from './samples.ts';

const bytes = (path: string, content: Uint8Array): Sample => ({ path, content });
const inventory = (...layers: readonly Layer[]) => inventoryOf(layers.map((layer) => writeTar(layer)));

const program = goProgram('go1.22.3', 'example.org/tool@v1.0.0');
/** Larger than what is read of a file that only a link could make one of note. */
const tooLarge = (path: string): Sample => bytes(path, new Uint8Array(17 * 1024 ** 2));

describe('a Go program that is kept under a name of another reader, and only in a layer below', () => {
  const kept = (path: string): Layer => [bytes(path, program), hard('bin/tool', path)];
  it.each<readonly [string, readonly Layer[]]>([
    ['x.ear', [kept('x.ear'), [whiteout('x.ear')]]],
    ['x.par', [kept('x.par'), [whiteout('x.par')]]],
    ['x.egg', [kept('x.egg'), [whiteout('x.egg')]]],
    ['x.egg, linked in a later layer', [[bytes('x.egg', program)], [hard('b', 'x.egg'), whiteout('x.egg')]]],
    [
      'x.egg, by two links',
      [
        [...kept('x.egg'), hard('b', 'bin/tool')],
        [whiteout('x.egg'), whiteout('bin')],
      ],
    ],
    ['x.egg, by the name of a database', [kept('x.egg'), [hard('opt/status', 'bin/tool'), whiteout('bin')]]],
    ['opt/status', [kept('opt/status'), [whiteout('opt/status')]]],
    [
      'opt/status, which another file had',
      [[tooLarge('opt/status'), ...kept('opt/status')], [whiteout('opt/status')]],
    ],
    [
      'opt/status, which is a link to it where another file was',
      [
        [tooLarge('opt/status'), bytes('x', program), hard('opt/status', 'x'), hard('b', 'opt/status')],
        [whiteout('opt/status'), whiteout('x')],
      ],
    ],
  ])('%s', async (_, layers) => {
    const found = await inventory([npm('a')], ...layers);
    expect(names(found)).toContain('example.org/tool v1.0.0');
    expect(found.incomplete).toEqual([]);
  });
});
