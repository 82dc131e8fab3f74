import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReplicaGround, ReplicaImages, ReplicaPage, VetAnswer } from '../../core/replica.ts';
import { askGates, type GatesAnswer } from '../support/gates.ts';
import { buildIndex, linuxArm64 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, debian, openStage, type Stage, warned } from './stage.ts';

const token = 'a-token-of-the-cluster-prod-that-is-long-enough';
const badArm = debian('openssl', '3.0.1-1', 'arm', { platform: linuxArm64 });
const mixed = buildIndex([clean, badArm]);
const crowd = debian('curl', '7.88-1', 'crowd');
const late = debian('curl', '7.88-1', 'late');
const tokenFile = join(temporaryDirectory(), 'token');
let stage: Stage;
beforeAll(async () => {
  writeFileSync(tokenFile, `${token}\n`);
  stage = await openStage({
    repositories: { 'team/app': { clean, bad, warned, mixed, crowd, late } },
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

  it('is the verdict of each platform of an index', async () => {
    const { body } = await vet('mixed');
    expect(body).toMatchObject({
      image: {
        digest: mixed.manifest.digest,
        platforms: [{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }],
      },
      failures: [],
    });
    const { verdicts } = body as VetAnswer;
    expect(verdicts.map(({ digest, verdict }) => [digest, verdict.status])).toEqual([
      [clean.manifest.digest, 'pass'],
      [badArm.manifest.digest, 'fail'],
    ]);
  });

  it('is that nothing is known yet, where there is no time; and then it is', async () => {
    const { body } = await vet('warned', 0);
    expect(body).toMatchObject({ verdicts: [], failures: [] });
    expect((await vet('warned')).body).toMatchObject({ verdicts: [{ verdict: { status: 'warn' } }] });
  });

  it.each([
    ['a tag that is not there', 'team/app', 'none', 'manifest-unknown'],
    ['a digest that is not there', 'team/app', `sha256:${'0'.repeat(64)}`, 'manifest-unknown'],
    ['a repository that is not there', 'team/none', 'latest', 'manifest-unknown'],
  ])('is why %s cannot be had', async (_what, path, pointer, code) => {
    const answer = await ask('/gates/v1/vet', {
      body: { upstream: 'corp', path, pointer, milliseconds: 10_000 },
    });
    expect(answer).toMatchObject({ status: 200, body: { image: null, verdicts: [], failure: { code } } });
  });

  it('is that an upstream is not known', async () => {
    const body = { upstream: 'elsewhere', path: 'team/app', pointer: 'x', milliseconds: 1 };
    expect((await ask('/gates/v1/vet', { body })).body).toMatchObject({
      failure: { code: 'registry-unknown' },
    });
  });

  it('is one vetting, however many ask', async () => {
    stage.upstream.forgetRequests();
    const answers = await Promise.all(Array.from({ length: 200 }, () => vet('crowd')));
    for (const { status, body } of answers) {
      expect([status, (body as VetAnswer).verdicts.length]).toEqual([200, 1]);
    }
    expect(stage.upstream.count(/team\/app\/blobs/, 'GET')).toBe(2);
  });

  it('is what stands of everything, and what repositories hold', async () => {
    const ground = (await ask('/gates/v1/ground')).body as ReplicaGround;
    const changes = (await ask('/gates/v1/changes?after=0')).body as ReplicaPage;
    expect(changes).toMatchObject({ forgotten: [], ground: ground.revision, cursor: changes.last });
    const stands = new Map(changes.verdicts.map(({ digest, verdict }) => [digest, verdict.status]));
    expect(stands).toEqual(
      new Map([
        [bad.manifest.digest, 'fail'],
        [clean.manifest.digest, 'pass'],
        [badArm.manifest.digest, 'fail'],
        [warned.manifest.digest, 'warn'],
        [crowd.manifest.digest, 'pass'],
      ]),
    );
    const images = (await ask('/gates/v1/images?after=0')).body as ReplicaImages;
    expect(images.images.find(({ tags }) => tags.includes('mixed'))).toMatchObject({
      digest: mixed.manifest.digest,
      platforms: [{ digest: clean.manifest.digest }, { digest: badArm.manifest.digest }],
      unfit: [],
    });
  });

  it('waits for what comes, and is told of it', async () => {
    const { records, last, ground } = (await ask('/gates/v1/changes?after=0')).body as ReplicaPage;
    const query = `after=${last}&records=${records}&ground=${ground}&wait=30`;
    const waiting = ask(`/gates/v1/changes?${query}`);
    await vet('late');
    const { body } = await waiting;
    expect(body).toMatchObject({ verdicts: [{ digest: late.manifest.digest, verdict: { status: 'pass' } }] });
    const status = (await (await fetch(`${stage.pratique.management}/api/v1/status`)).json()) as object;
    expect(status).toMatchObject({ replicas: [{ cluster: 'prod', replica: '127.0.0.1' }] });
    // The ground is another than the one that is named: nothing to wait for.
    const at = Date.now();
    const end = (await ask('/gates/v1/changes?after=0')).body as ReplicaPage;
    await ask(`/gates/v1/changes?after=${end.last}&records=${records}&ground=old&wait=30`);
    expect(Date.now() - at).toBeLessThan(20_000);
  });

  it('is 410 where the cursor is of other records', async () => {
    for (const path of ['changes', 'images']) {
      const answer = await ask(`/gates/v1/${path}?after=1&records=others`);
      expect(answer).toMatchObject({ status: 410, body: { reset: true } });
    }
  });
});

describe('what cannot be used', () => {
  const asked = { upstream: 'corp', path: 'team/app', pointer: 'bad', milliseconds: 1 };
  it.each<readonly [string, string, unknown, number]>([
    ['no JSON', 'vet', '{', 400],
    ['a list', 'vet', [], 400],
    ['nothing', 'vet', '', 400],
    ['a number', 'vet', '1', 400],
    ['more than is known', 'vet', { ...asked, asker: 'root' }, 400],
    ['a path that climbs', 'vet', { ...asked, path: '../secret' }, 400],
    ['a pointer that is none', 'vet', { ...asked, pointer: 'sha256:abc' }, 400],
    ['a long wait', 'vet', { ...asked, milliseconds: 30_001 }, 400],
    ['a negative wait', 'vet', { ...asked, milliseconds: -1 }, 400],
    ['too much', 'vet', { ...asked, path: 'a'.repeat(20_000) }, 413],
    ['a list in a list in a list, and so on', 'events', '['.repeat(1_000_000), 400],
    ['a list that deep which ends', 'events', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, 400],
    ['a prototype', 'vet', `{"__proto__":{"cluster":"x"},${JSON.stringify(asked).slice(1)}`, 400],
    ['a path in other letters', 'vet', { ...asked, path: 'team/\u0430pp' }, 400],
    ['a path with a line in it', 'vet', { ...asked, path: 'team/app\n' }, 400],
    ['a time without end', 'vet', '{"upstream":"corp","path":"a","pointer":"b","milliseconds":1e999}', 400],
    ['events that are none', 'events', { schemaVersion: 1, events: [{ kind: 'verdict-changed' }] }, 400],
    ['too many events', 'events', { schemaVersion: 1, events: Array.from({ length: 101 }, () => ({})) }, 400],
    ['a report that is none', 'running', { schemaVersion: 1 }, 400],
  ])('%s is told so', async (_what, path, body, status) => {
    const answer = await ask(`/gates/v1/${path}`, { body });
    expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(/./) } });
  });

  it.each([
    'after=-1',
    'after=x',
    'after=1&after=2',
    'after=9007199254740993',
    'after=1e3',
    'limit=100000',
    'wait=31',
  ])('%s neither', async (query) => {
    expect((await ask(`/gates/v1/changes?${query}`)).status).toBe(400);
  });
});

describe('what a gate tells', () => {
  const report = {
    ...{ schemaVersion: 1, at: new Date().toISOString(), look: 'l-1', stopped: [], whole: true },
    running: [
      { digest: bad.manifest.digest, namespace: 'shop', workload: 'Deployment/web', image: 'x', team: null },
    ],
  };

  it('of its own cluster is taken, of another one it is not', async () => {
    expect(await ask('/gates/v1/running', { body: { ...report, cluster: 'prod' } })).toMatchObject({
      status: 202,
      body: { accepted: 1 },
    });
    expect((await ask('/gates/v1/running', { body: { ...report, cluster: 'other' } })).status).toBe(403);
  });

  it('of refusals is taken', async () => {
    const event = {
      ...{
        kind: 'admission-refused',
        severity: 'warning',
        at: new Date().toISOString(),
        group: 'g',
        title: 't',
      },
      reasons: ['r'],
      subject: {
        ...{ image: 'x', digest: null, policy: null, gate: 'admission', cluster: 'other', namespace: 'shop' },
        ...{ workload: 'Deployment/web', user: null, advisories: [] },
      },
    };
    const body = { schemaVersion: 1, events: [event] };
    expect(await ask('/gates/v1/events', { body })).toMatchObject({ status: 202, body: { accepted: 1 } });
  });
});

describe('what is no request as it has to be', () => {
  const line = 'GET /gates/v1/ground HTTP/1.1\r\nHost: localhost\r\n';
  const hidden = `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  it.each<readonly [string, string, RegExp]>([
    [
      'with two ends',
      `POST /gates/v1/vet HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'with two lengths',
      `POST /gates/v1/vet HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n${hidden}`,
      /^HTTP\/1\.1 400 /,
    ],
    ['with headers without end', `${line}X: ${'x'.repeat(40_000)}`, /^HTTP\/1\.1 431 /],
    ['with a body that nobody reads', `${line}Content-Length: 99999999\r\n\r\n${hidden}`, /^HTTP\/1\.1 401 /],
    ['that is none', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('%s is answered once, and its connection ends', async (_what, bytes, first) => {
    const text = await spoken(bytes);
    expect(text).toMatch(first);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect((await ask('/gates/v1/ground')).status).toBe(200);
  });

  it('of an older TLS is none', async () => {
    await expect(spoken(`${line}\r\n`, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  it('shuts nobody out by connections that say nothing', async () => {
    const silent = Array.from({ length: 1100 }, () => {
      const socket = connectPlain(stage.pratique.ports.gates, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    });
    try {
      await sleep(500);
      expect((await ask('/gates/v1/ground')).status).toBe(200);
    } finally {
      for (const socket of silent) socket.destroy();
    }
  });
});

/** What is answered to these bytes until the connection ends. */
function spoken(bytes: string, options: Partial<ConnectionOptions> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { ports, dataDir } = stage.pratique;
    const socket = connect({
      ...{ host: '127.0.0.1', port: ports.gates, servername: 'localhost' },
      ca: readFileSync(join(dataDir, 'gates', 'ca.crt')),
      ...options,
    });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.once('error', (error) => (text === '' ? reject(error) : resolve(text)));
    socket.once('close', () => resolve(text));
    socket.write(bytes);
  });
}

/** Last: it changes who may ask. */
describe('a token', () => {
  it('is another one as soon as its file is, and none when the file is gone', async () => {
    const next = `${token}-renewed`;
    writeFileSync(tokenFile, next);
    const status = async (given: string) => (await ask('/gates/v1/ground', { token: given })).status;
    await until(async () => (await status(next)) === 200);
    expect(await status(token)).toBe(401);
    rmSync(tokenFile);
    await until(async () => (await status(next)) === 401);
    writeFileSync(tokenFile, 'short');
    expect(await status('short')).toBe(401);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error('it did not come to be');
}
