import { describe, expect, it } from '@jest/globals';
import { imagePatternFault, matchesImage } from './image-pattern.ts';

describe('an image pattern', () => {
  it.each([
    ['docker.io/library/*', 'docker.io/library/nginx', true],
    ['docker.io/library/*', 'docker.io/library/a/b', false],
    ['docker.io/*', 'docker.io/library/nginx', false],
    ['docker.io/**', 'docker.io/library/nginx', true],
    ['docker.io/**/nginx', 'docker.io/nginx', true],
    ['docker.io/**/nginx', 'docker.io/a/b/nginx', true],
    ['docker.io/**/nginx', 'docker.io/a/b/nginx-evil', false],
    ['**/nginx', 'evil.example/nginx', true],
    ['docker.io/library/ng*x', 'docker.io/library/nginx', true],
    ['docker.io/library/ng*x', 'docker.io/library/nginx2', false],
    ['docker.io/library/nginx', 'docker.io/library/nginx', true],
    ['docker.io/library/nginx', 'evil.example/docker.io/library/nginx', false],
    ['docker.io/library/nginx', 'docker.io/library/nginx/more', false],
    ['dockerxio/library/nginx', 'docker.io/library/nginx', false],
    ['docker.io/a/**/b/**/c', 'docker.io/a/x/b/y/b/c', true],
    ['reg:5000/a/*', 'reg:5000/a/b', true],
    ['reg:5000/a/*', 'reg:5001/a/b', false],
  ])('%s on %s: %s', (pattern, name, fits) => {
    expect(matchesImage(pattern, name)).toBe(fits);
  });

  it.each([
    ['docker.io/library/nginx', null],
    ['[::1]:5000/x', null],
    ['*/x', null],
    ['reg*:5000/x', null],
    ['registry.corp:443/x', '"registry.corp:443" names the port of https, which is left out'],
    ['*.corp:443/**', '"*.corp:443" names the port of https, which is left out'],
    ['registry.corp:080/x', '"registry.corp:080" is not a registry host'],
    ['registry.corp./x', '"registry.corp." is not a registry host'],
    ['index.docker.io/x', 'the registry "index.docker.io" is called "docker.io" here'],
    ['[0::1]:5000/x', 'the registry "[0::1]:5000" is called "[::1]:5000" here'],
    ['nginx', 'it has no registry before the name'],
    ['docker.io/x@sha256:00', 'a tag or digest cannot be excepted, a repository can'],
    ['docker.io//x', '"" is not a part of a repository name'],
    ['docker.io/X', '"X" is not a part of a repository name'],
    ['docker.io/a**', 'in "a**" the ** does not stand alone between slashes'],
  ])('%s: fault %s', (pattern, fault) => {
    expect(imagePatternFault(pattern)).toBe(fault);
  });

  it('takes no time that grows with the number of stars', () => {
    const started = performance.now();
    expect(matchesImage(`${'*a'.repeat(100)}b`, 'a'.repeat(255))).toBe(false);
    expect(matchesImage(`${'**/a/'.repeat(50)}b`, 'a/'.repeat(127))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
