import { describe, expect, it } from '@jest/globals';
import { createAddressing } from '../registry/addressing.ts';
import { readImageName } from './image-names.ts';

const addressing = createAddressing({
  upstreams: [
    { name: 'docker.io', namespace: 'docker.io' },
    { name: 'corp', namespace: 'registry.corp:5443' },
    { name: 'mirror.example', namespace: 'quay.io' },
  ],
  publicNames: ['localhost:5000'],
});
const digest = `sha256:${'a'.repeat(64)}`;

describe('the name of an image', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'docker.io/library/nginx'],
    ['docker.io/nginx:1.27', 'docker.io/library/nginx:1.27', 'docker.io/library/nginx'],
    ['docker.io/library/nginx:1.27', 'docker.io/library/nginx:1.27', 'docker.io/library/nginx'],
    ['team/app', 'docker.io/team/app:latest', 'docker.io/team/app'],
    ['corp/team/app:latest', 'registry.corp:5443/team/app:latest', 'corp/team/app'],
    ['registry.corp:5443/team/app:2', 'registry.corp:5443/team/app:2', 'corp/team/app'],
    ['localhost:5000/corp/team/app:2', 'registry.corp:5443/team/app:2', 'corp/team/app'],
    ['quay.io/team/app:2', 'quay.io/team/app:2', 'mirror.example/team/app'],
    ['mirror.example/team/app:2', 'quay.io/team/app:2', 'mirror.example/team/app'],
    ['hosted/team/app:2', 'hosted/team/app:2', 'hosted/team/app'],
    [`corp/app:1@${digest}`, `registry.corp:5443/app@${digest}`, 'corp/app'],
  ])('%s', (text, name, key) => {
    const found = readImageName(text, addressing);
    expect([found.name, `${found.address.upstream}/${found.address.path}`]).toEqual([name, key]);
  });
  it.each([
    ['ghcr.io/a/b:1', 'registry-unknown', /no configured upstream stands for ghcr.io/],
    ['Corp/app', 'registry-unknown', /stands for corp;/],
    ['corp/app:', 'reference-invalid', /is not a tag/],
    ['corp/a b', 'reference-invalid', /is not a repository name/],
    ['', 'reference-invalid', /it is empty/],
  ])('%s is none', (text, code, message) => {
    expect(() => readImageName(text, addressing)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
