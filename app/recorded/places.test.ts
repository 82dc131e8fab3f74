import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../../core/digest.ts';
import { createAddressing } from '../../registry/addressing.ts';
import { placesOf } from './places.ts';

const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
const addressing = createAddressing({
  upstreams: [
    { name: 'docker.io', namespace: 'docker.io' },
    { name: 'corp', namespace: 'registry.corp.example' },
  ],
  publicNames: ['127.0.0.1:5000'],
});
const images = ['docker.io/team/app', 'docker.io/team/app2', 'registry.corp.example/app', 'hosted/team/app'];

function ranAs(image: string) {
  if (digest === null) throw new Error('no digest');
  const at = '2026-06-01T00:00:00.000Z';
  const where = { cluster: 'prod', namespace: 'web', workload: 'Deployment/web', team: null };
  const sighting = { ...where, digest, image, firstAt: at, lastAt: at };
  return placesOf(images, [sighting], addressing)[0]?.asked.image;
}

describe('the place of a workload', () => {
  it.each([
    ['docker.io/team/app:1', 'docker.io', 'docker.io/team/app'],
    ['docker.io/team/app2:1', 'docker.io', 'docker.io/team/app2'],
    [`team/app2@sha256:${'0'.repeat(64)}`, 'docker.io', 'docker.io/team/app2'],
    ['127.0.0.1:5000/corp/app:1', 'corp', 'registry.corp.example/app'],
    ['127.0.0.1:5000/hosted/team/app:1', 'hosted', 'hosted/team/app'],
    ['docker.io/team/app22', 'docker.io', 'docker.io/team/app'],
    ['no reference at all', 'docker.io', 'docker.io/team/app'],
  ])('%s is asked for as %s, %s', (image, upstream, repository) => {
    expect(ranAs(image)).toEqual({ upstream, repository });
  });
});
