import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReplicaGround } from '../../core/replica.ts';
import { askGates, type GatesAnswer } from '../support/gates.ts';
import { buildIndex, linuxArm64 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, debian, openStage, type Stage, warned } from './stage.ts';

const token = 'a-token-of-the-cluster-prod-that-is-long-enough';
const badArm = debian('openssl', '3.0.1-1', 'arm', { platform: linuxArm64 });
const mixed = buildIndex([clean, badArm]);
const tokenFile = join(temporaryDirectory(), 'token');
let stage: Stage;
beforeAll(async () => {
  writeFileSync(tokenFile, `${token}\n`);
  stage = await openStage({
    repositories: { 'team/app': { clean, bad, warned, mixed } },
    config: { gates: { tokens: [{ cluster: 'prod', tokenFile }] } },
  });
});
afterAll(() => stage.close());

const ask = (path: string, asking: Parameters<typeof askGates>[2] = {}): Promise<GatesAnswer> =>
  askGates(stage.pratique, path, { token, ...asking });
const vet = async (pointer: string, milliseconds = 20_000): Promise<GatesAnswer> =>
  ask('/gates/v1/vet', { body: { upstream: 'corp', path: 'team/app', pointer, milliseconds } });

describe('who asks', () => {
  it.each([
    ['without anything', {}],
    ['with another token', { token: `${token}x` }],
    ['with a shorter one', { token: token.slice(0, -1) }],
    ['with a login', { authorization: `Basic ${Buffer.from(`prod:${token}`).toString('base64')}` }],
  ])('%s is told nothing', async (_what, given) => {
    for (const path of ['ground', 'changes', 'images', 'vet', 'running', 'events', 'none']) {
      const answer = await askGates(stage.pratique, `/gates/v1/${path}`, given);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.body).toEqual({ error: expect.stringContaining('gates.tokens') });
    }
    expect((await askGates(stage.pratique, '/healthz', given)).status).toBe(200);
  });
});

describe('what a gate is told', () => {
  it('is the verdict of an image, which is vetted with that', async () => {
    const answer = await vet('bad');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        asked: { upstream: 'corp', path: 'team/app', pointer: 'bad' },
        failure: null,
        image: {
          repository: { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' },
          digest: bad.manifest.digest,
          platforms: [{ platform: null, digest: bad.manifest.digest }],
          tags: ['bad'],
        },
        verdicts: [{ digest: bad.manifest.digest, policy: 'baseline', verdict: { status: 'fail' } }],
      },
    });
  });

  it('is what stands of everything, and what repositories hold', async () => {
    await vet('mixed');
    const changes = await ask('/gates/v1/changes?after=0');
    expect(changes.body).toMatchObject({ forgotten: [] });
    const images = await ask('/gates/v1/images?after=0');
    expect(images.body).toMatchObject({ gone: [] });
    const ground = await ask('/gates/v1/ground');
    expect(changes.body).toMatchObject({ ground: (ground.body as ReplicaGround).revision });
  });
});
