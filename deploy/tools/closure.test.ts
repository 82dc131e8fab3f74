import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { closureOf, importsOf } from './closure.ts';

function checkout(files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
const all = (): boolean => true;

describe('importsOf', () => {
  it.each([
    ["import { a } from './a.js';", './a.js', false],
    ["import './a.js';", './a.js', false],
    ["export * from './a.js';", './a.js', false],
    ["const a = await import('./a.js');", './a.js', true],
    ["new Worker(new URL('./a.js', import.meta.url));", './a.js', true],
    ["const { a } = createRequire(import.meta.url)('a');", 'a', false],
  ])('%s', (text, specifier, late) => {
    expect(importsOf('x.js', text)).toEqual([{ specifier, late }]);
  });

  it('takes no text and no comment for an import, and no file that is read', () => {
    const text =
      "const a = \"import './a.js'\"; // import './b.js'\nnew URL('../package.json', import.meta.url);";
    expect(importsOf('x.js', text)).toEqual([]);
  });

  it('does not guess', () => {
    expect(() => importsOf('x.js', 'await import(name);')).toThrow(
      /x\.js imports what only a run can tell: name/,
    );
  });
});

describe('closureOf', () => {
  it('follows files and packages, and what these need, from where they lie', () => {
    const root = checkout({
      'dist/a.js': "import 'node:fs';\nimport './b.js';\nimport 'one/part.js';",
      'dist/b.js': "import './a.js';\nnew URL('./thread.js', import.meta.url);",
      'dist/thread.js': '',
      'dist/unused.js': '',
      'node_modules/one/package.json': '{"dependencies":{"two":"1","buffer":"1"},"optionalDependencies":{}}',
      'node_modules/one/node_modules/two/package.json': '{"dependencies":{"@scope/three":"1"}}',
      'node_modules/two/package.json': '{}',
      'node_modules/@scope/three/package.json': '{}',
      'node_modules/buffer/package.json': '{}',
    });
    expect(closureOf(root, 'dist/a.js', all)).toEqual({
      files: ['dist/a.js', 'dist/b.js', 'dist/thread.js'],
      packages: [
        'node_modules/@scope/three',
        'node_modules/buffer',
        'node_modules/one',
        'node_modules/one/node_modules/two',
      ],
    });
  });

  it.each([
    ["import './none.js';", /dist\/a\.js imports \.\/none\.js, which is not there/],
    ["import 'none';", /dist needs the package none, which is not installed/],
  ])('does not leave out what is not there: %s', (text, said) => {
    expect(() => closureOf(checkout({ 'dist/a.js': text }), 'dist/a.js', all)).toThrow(said);
  });

  it('leaves out what is not followed', () => {
    const root = checkout({ 'dist/a.js': "import('./b.js'); import './c.js';", 'dist/c.js': '' });
    expect(closureOf(root, 'dist/a.js', ({ late }) => !late).files).toEqual(['dist/a.js', 'dist/c.js']);
  });
});
