import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import type { Answer } from './client.ts';
import {
  type Algorithm,
  Content,
  digestOf,
  freshBytes,
  type Manifest,
  types,
} from './conformance/content.ts';
import { type DataCase, dataCases } from './conformance/data.ts';
import { gateOff, gateOn } from './conformance/gates.ts';
import { chunked, mounted, postOnly, postPut, streamed, type Way } from './conformance/ways.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * The cases of the OCI distribution specification's conformance suite, by its names and in this project's words; the
 * suite itself is run by test/e2e/oci-conformance.test.ts where it is to be had (docs/conformance.md).
 */

const repository = 'hosted/conf/a';
const elsewhere = 'hosted/conf/b';
const accept = {
  Accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
};

describe.each([
  ['off', gateOff],
  ['on', gateOn],
])('with the gate %s', (gate, policy) => {
  let stage: Stage;
  let client: Pusher;
  beforeAll(async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    stage = await openStage({
      policy,
      config: { auth: { users } },
      ...(gate === 'off' ? { feeds: null } : {}),
    });
    client = createPusher(
      () => stage.pratique.registry,
      () => Promise.resolve(basicOf('ci')),
    );
  });
  afterAll(() => stage.close());

  const blobPath = (digest: string, name = repository): string => `/v2/${name}/blobs/${digest}`;
  const manifestPath = (reference: string): string => `/v2/${repository}/manifests/${reference}`;

  describe('before anything is pushed', () => {
    it('ping', async () => {
      expect((await client.ask('/v2/')).status).toBe(200);
    });

    it('empty: tag list', async () => {
      expect((await client.ask('/v2/hosted/conf/nothing/tags/list')).status).toBe(404);
    });

    it('empty: referrers', async () => {
      const answer = await client.ask(`/v2/hosted/conf/nothing/referrers/${digestOf(freshBytes(10))}`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, types.index]);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ schemaVersion: 2, manifests: [] });
    });
  });

  const ways: readonly (readonly [string, Way])[] = [
    ['post only', postOnly],
    ['post+put', postPut],
    ['chunked single', chunked(1)],
    ['stream', streamed],
    ['chunked multi', chunked(3)],
    ['chunked multi and put chunk', chunked(3, true)],
    ['chunked out-of-order', chunked(3, false, true)],
    ['chunked out-of-order and put chunk', chunked(3, true, true)],
  ];

  const isStored = async (digest: string, bytes: Buffer, location = blobPath(digest)): Promise<void> => {
    const headers = { 'content-length': String(bytes.length), 'docker-content-digest': digest };
    expect(await client.ask(blobPath(digest), { method: 'HEAD' })).toMatchObject({ status: 200, headers });
    const pulled = await client.ask(location);
    expect(pulled).toMatchObject({ status: 200, headers });
    expect(pulled.body.equals(bytes)).toBe(true);
  };

  const removed = async (digest: string, name = repository): Promise<void> => {
    expect((await client.ask(blobPath(digest, name), { method: 'DELETE' })).status).toBe(202);
    expect((await client.ask(blobPath(digest, name), { method: 'HEAD' })).status).toBe(404);
  };

  describe.each<[Algorithm]>([['sha256'], ['sha512']])('%s blobs', (algorithm) => {
    it('get-missing', async () => {
      expect((await client.ask(blobPath(digestOf(freshBytes(10), algorithm)))).status).toBe(404);
    });

    it.each(ways)('%s', async (_, push) => {
      const bytes = freshBytes(3 * 1024 - 5);
      const digest = digestOf(bytes, algorithm);
      const answer = await push(client, repository, digest, bytes);
      expect(answer).toMatchObject({ status: 201, headers: { 'docker-content-digest': digest } });
      await isStored(digest, bytes, answer.headers.location);
      await removed(digest);
    });

    it.each([
      ['mount', elsewhere],
      ['mount anonymous', null],
    ])('%s', async (_, from) => {
      const bytes = freshBytes(512);
      const digest = digestOf(bytes, algorithm);
      expect((await postOnly(client, elsewhere, digest, bytes)).status).toBe(201);
      const answer = await mounted(from)(client, repository, digest, bytes);
      expect(answer).toMatchObject({ status: 201, headers: { 'docker-content-digest': digest } });
      await isStored(digest, bytes, answer.headers.location);
      await removed(digest);
      await removed(digest, elsewhere);
      // What was deleted everywhere is nobody's to mount.
      expect((await mounted(from)(client, repository, digest, bytes)).status).toBe(202);
    });

    it('mount missing', async () => {
      const bytes = freshBytes(512);
      const digest = digestOf(bytes, algorithm);
      const answer = await mounted(elsewhere)(client, repository, digest, bytes);
      expect(answer.status).toBe(202);
      const done = await client.ask(`${answer.headers.location}?digest=${digest}`, {
        method: 'PUT',
        body: bytes,
      });
      expect(done.status).toBe(201);
      await removed(digest);
    });

    it('post cancel', async () => {
      const location = await client.begin(repository);
      expect((await client.ask(location, { method: 'DELETE' })).status).toBe(204);
      expect((await client.ask(location)).status).toBe(404);
    });

    const size = 2048;
    it.each<readonly [string, number, number] | readonly [string, null, null]>([
      ['500-1499', 500, 1499],
      ['500-', 500, size - 1],
      ['-500', size - 500, size - 1],
      ['2000-5000', 2000, size - 1],
      ['500-0', null, null],
      ['5000-10000', null, null],
    ])('range %s', async (range, start, end) => {
      const bytes = freshBytes(size);
      const digest = digestOf(bytes, algorithm);
      await postPut(client, repository, digest, bytes);
      const answer = await client.ask(blobPath(digest), { headers: { Range: `bytes=${range}` } });
      if (start === null) expect(answer.status).toBe(416);
      else {
        expect(answer).toMatchObject({
          status: 206,
          headers: {
            'content-length': String(end - start + 1),
            'content-range': `bytes ${start}-${end}/${size}`,
          },
        });
        expect(answer.body.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    });

    // Nothing comes in no chunk, and what is so short in one.
    it.each(ways.filter(([name]) => !name.includes('multi') && !name.includes('out-of-order')))(
      'empty, emptyJSON: %s',
      async (_, push) => {
        for (const bytes of [Buffer.alloc(0), Buffer.from('{}')]) {
          const digest = digestOf(bytes, algorithm);
          expect((await push(client, repository, digest, bytes)).status).toBe(201);
          await isStored(digest, bytes);
          await removed(digest);
        }
      },
    );

    it.each(ways)('bad digest %s', async (_, push) => {
      const bytes = freshBytes(3 * 1024 - 5);
      const digest = digestOf(bytes, algorithm);
      const answer = await push(client, repository, digest, Buffer.concat([bytes, Buffer.from('oh no')]));
      expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
      expect((await client.ask(blobPath(digest), { method: 'HEAD' })).status).toBe(404);
    });
  });

  const putManifest = async (
    content: Content,
    { byParameter }: DataCase,
    manifest: Manifest,
    tag: string | null,
  ): Promise<void> => {
    const own = [...content.tags].filter(([, digest]) => digest === manifest.digest).map(([name]) => name);
    const tags = byParameter === true ? own : [];
    const query = tags.length === 0 ? '' : `?${tags.map((name) => `tag=${name}`).join('&')}`;
    const answer = await client.ask(`${manifestPath(tag ?? manifest.digest)}${query}`, {
      method: 'PUT',
      body: manifest.bytes,
      headers: { 'Content-Type': manifest.mediaType },
    });
    const { subject } = JSON.parse(manifest.bytes.toString()) as { subject?: { digest: string } };
    expect(answer).toMatchObject({ status: 201, headers: { 'docker-content-digest': manifest.digest } });
    expect(answer.headers['oci-subject']).toBe(subject?.digest);
    expect(answer.headers['oci-tag']).toBe(tags.length === 0 ? undefined : tags.join(', '));
    expect(answer.headers.location).toBe(manifestPath(manifest.digest));
  };

  const isListed = async (tags: Iterable<string>): Promise<void> => {
    const list = async (query: string): Promise<string[]> => {
      const answer = await client.ask(`/v2/${repository}/tags/list${query}`);
      expect(answer.status).toBe(200);
      return (JSON.parse(answer.body.toString()) as { tags: string[] }).tags;
    };
    const all = await list('');
    expect(all).toEqual(expect.arrayContaining([...tags]));
    expect([...all].sort()).toEqual(all);
    for (const last of all) expect(await list(`?last=${last}`)).toEqual(all.filter((tag) => tag > last));
    expect(await list('?n=1')).toEqual(all.slice(0, 1));
  };

  const isServed = async (reference: string, manifest: Manifest): Promise<void> => {
    const headers = {
      'content-type': manifest.mediaType,
      'content-length': String(manifest.bytes.length),
      'docker-content-digest': manifest.digest,
    };
    const path = manifestPath(reference);
    const pulled = await client.ask(path, { headers: accept });
    expect(pulled).toMatchObject({ status: 200, headers });
    expect(pulled.body.equals(manifest.bytes)).toBe(true);
    expect(await client.ask(path, { method: 'HEAD', headers: accept })).toMatchObject({
      status: 200,
      headers,
    });
  };

  const isRefused = async (reference: string, why: string): Promise<void> => {
    expect(await client.ask(manifestPath(reference), { headers: accept })).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringContaining(why),
    });
  };

  const refer = async (content: Content): Promise<void> => {
    for (const [subject, wanted] of content.referrers) {
      const path = `/v2/${repository}/referrers/${subject}`;
      const all = await client.ask(path);
      expect([all.status, all.headers['content-type']]).toEqual([200, types.index]);
      const { manifests } = JSON.parse(all.body.toString()) as { manifests: object[] };
      expect(manifests).toHaveLength(wanted.length);
      expect(manifests).toEqual(expect.arrayContaining(wanted.map((one) => expect.objectContaining(one))));
      for (const type of new Set(wanted.map((one) => String(one.artifactType)))) {
        const some = await client.ask(`${path}?artifactType=${encodeURIComponent(type)}`);
        expect(some.headers['oci-filters-applied']).toBe('artifactType');
        const found = JSON.parse(some.body.toString()) as { manifests: { artifactType: string }[] };
        expect(found.manifests).toHaveLength(wanted.filter((one) => one.artifactType === type).length);
        for (const one of found.manifests) expect(one.artifactType).toBe(type);
      }
    }
  };

  it.each(dataCases.map((one) => [one.name, one] as const))('%s', async (_, data) => {
    const content = data.make();
    const refused = gate === 'on' ? data.refused : undefined;
    for (const [digest, bytes] of content.blobs) {
      expect((await postPut(client, repository, digest, bytes)).status).toBe(201);
    }
    const byDigest = new Map(content.manifests.map((manifest) => [manifest.digest, manifest]));
    for (const manifest of content.manifests) await putManifest(content, data, manifest, null);
    const named = [...content.tags].flatMap(([tag, digest]) => {
      const manifest = byDigest.get(digest);
      return manifest === undefined ? [] : [[tag, manifest] as const];
    });
    expect(named).toHaveLength(content.tags.size);
    if (data.byParameter !== true)
      for (const [tag, manifest] of named) await putManifest(content, data, manifest, tag);
    if (named.length > 0) await isListed(content.tags.keys());
    for (const [reference, manifest] of [...named, ...byDigest]) {
      if (refused === undefined) await isServed(reference, manifest);
      else await isRefused(reference, refused);
    }
    for (const [digest, bytes] of content.blobs) await isStored(digest, bytes);
    await refer(content);
    for (const reference of [...content.tags.keys(), ...[...byDigest.keys()].reverse()]) {
      expect((await client.ask(manifestPath(reference), { method: 'DELETE' })).status).toBe(202);
      expect((await client.ask(manifestPath(reference), { method: 'HEAD' })).status).toBe(404);
    }
    for (const digest of content.blobs.keys()) await removed(digest);
  });

  describe('manifests that are not there or not right', () => {
    it('bad-digest-image', async () => {
      const content = new Content();
      const { digest } = content.image({ layers: 0 });
      const answer = await client.ask(manifestPath(digest), {
        method: 'PUT',
        body: Buffer.concat([...content.manifests.map(({ bytes }) => bytes), Buffer.from('  ')]),
        headers: { 'Content-Type': types.image },
      });
      expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
      expect((await client.ask(manifestPath(digest), { method: 'HEAD' })).status).toBe(404);
    });

    it.each([
      ['missing-manifest by-digest', digestOf(Buffer.from('missing')), [404]],
      ['missing-manifest by-tag', 'missing', [404]],
      ['invalid-digest-format', 'sha256:baddigeststring', [400]],
    ])('%s', async (_, reference, statuses) => {
      expect(statuses).toContain((await client.ask(manifestPath(reference), { headers: accept })).status);
    });

    it('invalid-digest-format: manifest-put', async () => {
      const answer = await client.ask(manifestPath('sha256:baddigeststring'), {
        method: 'PUT',
        body: '{}',
        headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
      });
      expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
    });

    it('tag parameters that are no tags, or too many', async () => {
      const content = new Content();
      const { digest } = content.image({ layers: 0 });
      const [manifest] = content.manifests;
      for (const [blob, bytes] of content.blobs) await postOnly(client, repository, blob, bytes);
      const send = (query: string): Promise<Answer> =>
        client.ask(`${manifestPath(digest)}?${query}`, {
          method: 'PUT',
          body: manifest?.bytes ?? '',
          headers: { 'Content-Type': types.image },
        });
      expect((await send('tag=good&tag=-bad')).status).toBe(400);
      expect((await client.ask(manifestPath('good'), { method: 'HEAD' })).status).toBe(404);
      expect((await send(Array.from({ length: 101 }, (_, at) => `tag=t${at}`).join('&'))).status).toBe(414);
    });
  });
});
