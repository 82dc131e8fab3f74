import { describe, expect, it } from '@jest/globals';
import { alpineFile } from './parse.ts';

describe('a path of Alpine’s security database', () => {
  it.each([
    ['v3.3/main.json', { release: 'v3.3', repository: 'main' }],
    ['v3.19/community.json', { release: 'v3.19', repository: 'community' }],
    ['edge/main.json', { release: 'edge', repository: 'main' }],
    ['v3.19/testing.json', null],
    ['3.19/main.json', null],
    ['../v3.19/main.json', null],
    ['v3.19/main.json/x', null],
    ['main.json', null],
  ])('%s', (path, file) => {
    expect(alpineFile(path)).toEqual(file);
  });
});
