import { describe, expect, it } from '@jest/globals';
import { formatReference, parseImageReference } from './reference.ts';

const hex = 'a'.repeat(64);

describe('every spelling of a reference is that reference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['index.docker.io:443/nginx', 'docker.io/library/nginx'],
    ['registry-1.docker.io/nginx', 'docker.io/library/nginx'],
    ['Registry.corp/team/app', 'registry.corp/team/app'],
    ['registry.corp:443/team/app:1', 'registry.corp/team/app:1'],
    ['registry.corp:80/team/app', 'registry.corp:80/team/app'],
    ['registry.corp:5443/team/app', 'registry.corp:5443/team/app'],
    ['localhost:443/app', 'localhost/app'],
    ['[0:0::1]:443/app', '[::1]/app'],
    ['[0:0::1]:5000/app', '[::1]:5000/app'],
    // Written without a port it would be a name of Docker Hub.
    ['reg:443/app', 'reg:443/app'],
    ['REG/app', 'reg:443/app'],
    [`registry.corp/app@sha256:${hex}`, `registry.corp/app@sha256:${hex}`],
  ])('%s', (text, expected) => {
    const read = parseImageReference(text);
    expect(formatReference(read)).toBe(expected);
    expect(parseImageReference(expected)).toEqual(read);
  });
});

describe('what is no reference', () => {
  it.each([
    ['a port with a zero before it', 'registry.corp:080/app'],
    ['the port of https with a zero before it', 'registry.corp:0443/app'],
    ['a port that there is not', 'registry.corp:65536/app'],
    ['an empty port', 'registry.corp:/app'],
    ['a host with a dot at its end', 'registry.corp./app'],
    ['the same with a port', 'registry.corp.:443/app'],
    ['a host that is no address', '[:::1]/app'],
    ['a digest of another algorithm', `registry.corp/app@sha384:${'a'.repeat(96)}`],
    ['a digest in capitals', `registry.corp/app@sha256:${'A'.repeat(64)}`],
    ['a text without end', `registry.corp/${'a'.repeat(4_000_000)}`],
    ['nothing', ''],
  ])('%s is refused in a few words', (_what, text) => {
    let told = '';
    try {
      parseImageReference(text);
    } catch (error) {
      told = error instanceof Error ? error.message : '';
    }
    expect(told).toContain('is not an image reference');
    expect(told.length).toBeLessThan(700);
  });
});
