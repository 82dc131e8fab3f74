import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { ImagePull, ImageToPull } from '../../core/ports/scanner.ts';
import { ScanDoor } from './door.ts';

const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;
const layer = Buffer.from('the layer');
const image: ImageToPull = {
  name: 'docker.io/library/App',
  digest: digestOf('a'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  manifest: Buffer.from('{"schemaVersion":2}'),
  blobs: [{ digest: digestOf('b'), size: layer.length }],
  open: () =>
    Promise.resolve(
      (async function* () {
        yield layer;
      })(),
    ),
};
const other: ImageToPull = { ...image, name: 'docker.io/library/other', digest: digestOf('c') };
const lifetime = 60_000;

describe('the door of scans', () => {
  let now = 0;
  let door: ScanDoor;
  let server: Server;
  let origin = '';

  beforeEach(async () => {
    now = Date.UTC(2026, 5, 1);
    door = new ScanDoor({ lifetime, now: () => now, logger: silentLogger });
    server = createServer(door.app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    origin = `http://127.0.0.1:${address.port}`;
    door.openedAt(origin);
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const basic = ({ username, password }: Pick<ImagePull, 'username' | 'password'>): string =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const ask = (path: string, authorization: string | null, method = 'GET') =>
    fetch(`${origin}/v2/${path}`, {
      method,
      headers: authorization === null ? {} : { Authorization: authorization },
    });
  const manifest = (pull: ImagePull, pointer: string = pull.digest) =>
    `${pull.repository}/manifests/${pointer}`;

  it('gives the image of a scan that runs, with Basic as with Bearer', async () => {
    await door.during(image, async (pull) => {
      expect(pull).toMatchObject({
        registry: origin,
        repository: 'docker-io/library/app',
        digest: image.digest,
      });
      expect((await ask('', basic(pull))).status).toBe(200);
      const answer = await ask(manifest(pull), basic(pull));
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        200,
        image.mediaType,
        '{"schemaVersion":2}',
      ]);
      const blob = await ask(`${pull.repository}/blobs/${digestOf('b')}`, `Bearer ${pull.password}`);
      expect([blob.status, await blob.text()]).toEqual([200, 'the layer']);
      const head = await ask(`${pull.repository}/blobs/${digestOf('b')}`, basic(pull), 'HEAD');
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(layer.length)]);
    });
  });

  it('asks everybody else who he is, so that clients show what they have', async () => {
    await door.during(image, async (pull) => {
      for (const authorization of [
        null,
        'Basic !',
        'Bearer guessed',
        basic({ username: 'scan', password: '' }),
      ]) {
        for (const path of ['', manifest(pull), `${pull.repository}/blobs/${digestOf('b')}`]) {
          const answer = await ask(path, authorization);
          expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
            401,
            'Basic realm="pratique scan"',
          ]);
        }
      }
    });
  });

  it('opens nothing else with the token of a scan', async () => {
    await door.during(image, (pull) =>
      door.during(other, async (others) => {
        const all: readonly (readonly [path: string, method?: string])[] = [
          [manifest(pull, other.digest)],
          [manifest(pull, 'latest')],
          [manifest(others)],
          [manifest(others, image.digest)],
          [`${pull.repository}/blobs/${digestOf('d')}`],
          [`${pull.repository}/blobs/${image.digest}`],
          [`${others.repository}/blobs/${digestOf('b')}`],
          [`${pull.repository}/tags/list`],
          [`${pull.repository}/referrers/${image.digest}`],
          ['_catalog'],
          [`${pull.repository}%2f..%2fapp/manifests/${image.digest}`],
          [manifest(pull), 'PUT'],
          [manifest(pull), 'DELETE'],
          [`${pull.repository}/blobs/uploads/`, 'POST'],
          [`${pull.repository}/blobs/${digestOf('b')}`, 'DELETE'],
        ];
        for (const [path, method] of all) {
          const { status } = await ask(path, basic(pull), method);
          expect([path, method, [400, 403, 404].includes(status)]).toEqual([path, method, true]);
        }
      }),
    );
  });

  it('opens nothing after the scan, whether it went well or not', async () => {
    let kept: ImagePull | null = null;
    await expect(
      door.during(image, (pull) => {
        kept = pull;
        return Promise.reject(new Error('it failed'));
      }),
    ).rejects.toThrow('it failed');
    const pull = kept as ImagePull | null;
    if (pull === null) throw new Error('no pull');
    expect((await ask(manifest(pull), basic(pull))).status).toBe(401);
    expect(door.underWay).toBe(0);
  });

  it('opens nothing any more when its time is over, though the scan goes on', async () => {
    await door.during(image, async (pull) => {
      now += lifetime - 1;
      expect((await ask(manifest(pull), basic(pull))).status).toBe(200);
      now += 1;
      expect((await ask(manifest(pull), basic(pull))).status).toBe(401);
    });
  });

  it('gives every scan another token', async () => {
    const tokens = await door.during(image, (a) =>
      door.during(image, (b) => Promise.resolve([a.password, b.password])),
    );
    expect(new Set(tokens).size).toBe(2);
    expect(tokens.every((token) => token.length >= 43)).toBe(true);
  });

  it('cuts the connection where a blob turns out to be wrong, instead of ending it well', async () => {
    const broken: ImageToPull = {
      ...image,
      open: () =>
        Promise.resolve(
          (async function* () {
            yield layer.subarray(0, 3);
            throw new Error('the upstream is away');
          })(),
        ),
    };
    await door.during(broken, async (pull) => {
      await expect(
        ask(`${pull.repository}/blobs/${digestOf('b')}`, basic(pull)).then((answer) => answer.text()),
      ).rejects.toThrow();
    });
  });
});
