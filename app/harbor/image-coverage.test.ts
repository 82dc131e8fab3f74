import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesImage } from '../../policy/image-pattern.ts';
import { coversEverything } from './image-coverage.ts';

describe('what a pattern covers', () => {
  const project = ['harbor.corp', 'team'];
  const rows: readonly [pattern: string, covers: boolean][] = [
    ['harbor.corp/team/**', true],
    ['harbor.corp/team/*/**', true],
    ['harbor.corp/team/**/*', true],
    ['harbor.corp/**', true],
    ['harbor.*/t*/**', true],
    ['*/**', true],
    ['*/*/**', true],
    ['harbor.corp/team/*', false],
    ['harbor.corp/team/*/*', false],
    ['harbor.corp/team/*/*/**', false],
    ['harbor.corp/team/app*/**', false],
    ['harbor.corp/team/**/app', false],
    ['harbor.corp/team/**/*a*', false],
    ['harbor.corp/team-b/**', false],
    ['harbor.corp/team', false],
    ['registry.corp/**', false],
  ];
  it.each(rows)('%s covers the project: %p', (pattern, covers) => {
    expect(coversEverything(pattern, project, 1)).toBe(covers);
  });

  it.each([
    ['harbor.corp/**', true],
    ['harbor.corp/*/**', true],
    ['harbor.corp/*/*/**', true],
    ['harbor.corp/*/*', false],
    ['harbor.corp/team/**', false],
  ])('%s covers all of Harbor: %p', (pattern, covers) => {
    expect(coversEverything(pattern, ['harbor.corp'], 2)).toBe(covers);
  });
});

describe('a pattern that covers a project', () => {
  const part = fc.stringMatching(/^[a-z*]{1,3}$/).map((text) => (text.includes('**') ? '**' : text));
  const below = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 6 });
  it('holds for every repository in it', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), below, (parts, name) => {
        const pattern = ['h', ...parts].join('/');
        fc.pre(coversEverything(pattern, ['h', 'p'], 1));
        return matchesImage(pattern, ['h', 'p', ...name].join('/'));
      }),
      { numRuns: 300 },
    );
  });
});
