import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../test/support/images.ts';
import { jarOf } from '../test/support/zip.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import { inventoryOf, link, names, npm, type Sample, whys } from './samples.ts';

const bytes = (path: string, content: Uint8Array): Sample => ({ path, content });
const inventory = (...layer: readonly Sample[]) => inventoryOf([writeTar(layer)]);
const program = goProgram('go1.22.3', 'example.org/tool@v1.0.0');

describe('a link of a name that is read, to a file that another reader has taken', () => {
  const jar = jarOf([{ group: 'org.example', artifact: 'old', version: '1.0' }]);
  it.each([
    'data/status',
    'data/installed',
    'data/os-release',
    'data/Packages',
    'data/package.json',
    'data/x.egg',
  ])('%s', async (path) => {
    const found = await inventory(npm('a'), bytes(path, jar), link('app/old.jar', `/${path}`));
    expect(whys(found)).toContain(`app/old.jar: a symbolic link leads to "${path}", which was not read`);
  });

  it('a program with an archive behind it', async () => {
    const both = Buffer.concat([program, jar]);
    const found = await inventory(npm('a'), bytes('bin/tool', both), link('app/old.jar', '../bin/tool'));
    expect(whys(found)).toContain('app/old.jar: a symbolic link leads to "bin/tool", which was not read');
  });

  it('is read where the name says the same', async () => {
    const found = await inventory(npm('a'), bytes('lib/b.jar', jar), link('app/a.jar', '../lib/b.jar'));
    expect(names(found)).toEqual(['org.example:old 1.0', 'a 1.0.0']);
    expect(whys(found)).toBe('');
  });
});
