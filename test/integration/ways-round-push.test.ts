import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { bad, clean, openStage, type Stage } from './stage.ts';

/** Known ways round by pushing; the numbers are those of docs/ways-round.md. */

const credentials = { username: 'robot', password: 'robots secret' };
const patient = 5000;

let stage: Stage;
let ci: Pusher;
const registry = (): string => stage.pratique.registry;

beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci', 'other']);
  stage = await openStage({ push: 'gate', credentials, config: { auth: { users } } });
  ci = createPusher(registry, () => Promise.resolve(basicOf('ci')));
});
afterAll(() => stage.close());

/** Bytes on a connection of their own; gives all that is answered until the silence. */
function wire(text: string): Promise<string> {
  const { hostname, port } = new URL(registry());
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    const end = setTimeout(() => socket.destroy(), 1500);
    socket.on('data', (part) => {
      answer += part.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(end);
      resolve(answer);
    });
    socket.write(text);
  });
}

describe('84: a layer of a refused image, mounted at the upstream', () => {
  it('is asked of the upstream only where it could be pulled, or was pushed by the same user', async () => {
    stage.upstream.put('team/refused', '1', bad);
    stage.upstream.put('team/cleared', '1', clean);
    expect((await ci.ask('/v2/corp/team/refused/manifests/1')).status).toBe(403);
    expect((await ci.ask('/v2/corp/team/cleared/manifests/1')).status).toBe(200);
    const mounts = async (image: typeof bad, from: string): Promise<readonly (string | null)[]> => {
      stage.upstream.forgetRequests();
      const query = `mount=${image.layers[0]?.digest ?? ''}&from=corp/${from}`;
      await ci.ask(`/v2/corp/team/mine/blobs/uploads/?${query}`, { method: 'POST' });
      return stage.upstream.requests
        .filter(({ method }) => method === 'POST')
        .map((one) => one.query.get('from'));
    };
    expect(await mounts(bad, 'team/refused')).toEqual([null]);
    expect(await mounts(clean, 'team/nowhere')).toEqual([null]);
    expect(await mounts(clean, 'team/cleared')).toEqual(['team/cleared']);
    for (const [digest, bytes] of bad.blobs) await ci.blob('corp/team/own', digest, bytes);
    expect(await mounts(bad, 'team/own')).toEqual(['team/own']);
  });
});

describe('83: a list that fills the memory', () => {
  it('of referrers comes page by page', async () => {
    const subject = sha256('whatever');
    const empty = Buffer.from('{}');
    await ci.blob('hosted/referred', sha256(empty), empty);
    const layer = { mediaType: 'text/plain', digest: sha256(empty), size: 2 };
    for (let at = 0; at < 5; at += 1) {
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: clean.manifest.mediaType,
          artifactType: `application/vnd.test.${at % 2}`,
          config: { ...layer, mediaType: 'application/vnd.oci.empty.v1+json' },
          layers: [layer],
          subject: { mediaType: clean.manifest.mediaType, digest: subject, size: 8 },
          annotations: { [String(at)]: 'x'.repeat(2 * 1024 ** 2) },
        }),
      );
      const manifest = { bytes, digest: sha256(bytes), mediaType: clean.manifest.mediaType };
      expect((await ci.manifest('hosted/referred', manifest.digest, manifest)).status).toBe(201);
    }
    const seen: string[] = [];
    let pages = 0;
    let path: string | undefined = `/v2/hosted/referred/referrers/${subject}`;
    for (; path !== undefined; pages += 1) {
      const { status, headers, body } = await ci.ask(path);
      expect([status, body.length <= 4 * 1024 ** 2]).toEqual([200, true]);
      seen.push(
        ...(JSON.parse(body.toString()) as { manifests: { digest: string }[] }).manifests.map(
          (one) => one.digest,
        ),
      );
      path = /^<([^>]*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    }
    expect([new Set(seen).size, seen.length, pages]).toEqual([5, 5, 5]);
    const bad = await ci.ask(`/v2/hosted/referred/referrers/${subject}?last=x`);
    expect(bad).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
  });
});

describe('80: a request in the body of another', () => {
  it.each(['DELETE', 'OPTIONS', 'GET', 'HEAD', 'POST', 'PURGE'])(
    'of %s reaches no upstream as one of its own',
    async (method) => {
      const location = await ci.begin('corp/team/smuggled');
      stage.upstream.forgetRequests();
      const body = bad.manifest.bytes.toString();
      const hidden = [
        `PUT /v2/team/smuggled/manifests/${method.toLowerCase()} HTTP/1.1`,
        `Host: ${stage.upstream.host}`,
        `Content-Type: ${bad.manifest.mediaType}`,
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n');
      const answer = await wire(
        [
          `${method} ${location} HTTP/1.1`,
          'Host: x',
          `Authorization: ${basicOf('ci')}`,
          'Transfer-Encoding: chunked',
          '',
          hidden.length.toString(16),
          hidden,
          '0',
          '',
          '',
        ].join('\r\n'),
      );
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
      await sleep(100);
      const reached = stage.upstream.requests.map((request) => `${request.method} ${request.path}`);
      expect(reached.filter((one) => one.includes('manifests'))).toEqual([]);
    },
  );
});

describe('81: a body without end', () => {
  it.each([
    ['of somebody who did not log in', 'POST', '/v2/hosted/x/blobs/uploads/', '', 401],
    ['to what takes no pushes', 'PUT', '/v2/hosted/x/blobs/sha256:0', basicOf('ci'), 400],
  ])(
    '%s is not read for ever',
    async (_, method, path, authorization, status) => {
      const { hostname, port } = new URL(registry());
      const begun = performance.now();
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname);
        let got = '';
        socket.on('data', (part) => {
          got += part.toString();
        });
        const head = [`${method} ${path} HTTP/1.1`, 'Host: x', 'Transfer-Encoding: chunked'];
        if (authorization !== '') head.push(`Authorization: ${authorization}`);
        socket.write(`${head.join('\r\n')}\r\n\r\n`);
        const drip = setInterval(() => socket.write('1\r\nx\r\n'), 100);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          clearInterval(drip);
          resolve(got);
        });
        setTimeout(() => socket.destroy(), 2 * patient).unref();
      });
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(performance.now() - begun).toBeLessThan(2 * patient - 1000);
    },
    20_000,
  );
});

describe('82: a method that nobody expects', () => {
  it.each(['OPTIONS', 'POST', 'MKCOL'])('%s of an upload is answered, and goes nowhere', async (method) => {
    const location = await ci.begin('corp/team/odd');
    stage.upstream.forgetRequests();
    const answer = await ci.ask(location, { method, signal: AbortSignal.timeout(patient) });
    expect(answer).toMatchObject({ status: 405, code: 'UNSUPPORTED' });
    expect(stage.upstream.requests).toEqual([]);
  });
});
