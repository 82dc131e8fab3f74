import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { openApi } from './openapi.ts';

describe('the description of the management API', () => {
  it('tells every path that there is, and no other', () => {
    const folder = new URL('.', import.meta.url);
    const files = [
      'management.ts',
      ...readdirSync(new URL('management/', folder)).map((name) => `management/${name}`),
    ];
    const served = files
      .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\.get\(\s*'([^']+)'/g)])
      .map(([, path]) => (path ?? '').replace(/:([a-z]+)/g, '{$1}'))
      .filter((path) => path !== '/api/openapi.json');
    expect(Object.keys(openApi.paths).sort()).toEqual(served.sort());
  });

  it('describes every parameter of a path', () => {
    for (const [path, { get }] of Object.entries(openApi.paths)) {
      const named = [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name);
      const parameters: readonly object[] = 'parameters' in get ? (get.parameters as readonly object[]) : [];
      for (const name of named)
        expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'path' }));
    }
  });
});
