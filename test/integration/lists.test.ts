import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { type BuiltImage, buildImage, sha256 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, tokenOf, writeUsers } from '../support/users.ts';
import { type Answer, type Asking, ask } from './client.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { clean, openStage, type Stage } from './stage.ts';

let stage: Stage;
let bound = '';
let ci: Pusher;
const as = (user: string) => ({ headers: { Authorization: basicOf(user) } });

beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci', 'bob']);
  const ports = {
    registry: await freePort(),
    management: await freePort(),
    webhook: await freePort(),
    harborAdapter: await freePort(),
    gates: await freePort(),
  };
  const port = await freePort();
  bound = `http://127.0.0.1:${port}`;
  stage = await openStage({
    ports,
    private: false,
    push: 'gate',
    policy: 'version: 1\nname: lists\nartifacts: allow\nrules: []\n',
    config: {
      auth: {
        users,
        access: [
          { users: ['anonymous'], repositories: ['corp/open/**'], actions: ['pull'] },
          { users: ['bob'], repositories: ['hosted/bob/**'], actions: ['pull', 'push'] },
          { users: ['ci'], repositories: ['**'], actions: ['admin'] },
        ],
      },
      listen: {
        registry: `127.0.0.1:${ports.registry}`,
        management: `127.0.0.1:${ports.management}`,
        webhook: `127.0.0.1:${ports.webhook}`,
        harborAdapter: `127.0.0.1:${ports.harborAdapter}`,
        bound: [{ upstream: 'corp', at: `127.0.0.1:${port}` }],
      },
    },
  });
  ci = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf('ci')),
  );
  for (const repository of ['open/app', 'secret/app', 'open/never-asked'])
    stage.upstream.put(repository, '1', clean);
  for (const repository of ['open/app', 'secret/app'])
    expect((await ci.ask(`/v2/corp/${repository}/manifests/1`)).status).toBe(200);
  for (const repository of ['hosted/bob/mine', 'hosted/team/app'])
    expect((await ci.push(repository, '1', clean)).status).toBe(201);
});
afterAll(() => stage.close());

const namesIn = ({ body }: Answer): readonly string[] =>
  (JSON.parse(body.toString()) as { repositories: string[] }).repositories;
const catalog = (asking: Asking = {}, query = '', at = stage.pratique.registry) =>
  ask(at, `/v2/_catalog${query}`, asking);

describe('/v2/_catalog', () => {
  it('names what is hosted and what was pulled through here, and asks no upstream', async () => {
    stage.upstream.forgetRequests();
    const answer = await catalog(as('ci'));
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual([
      'corp/open/app',
      'corp/secret/app',
      'hosted/bob/mine',
      'hosted/team/app',
    ]);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('comes in pages, which lead from one to the next', async () => {
    const first = await catalog(as('ci'), '?n=3');
    expect(namesIn(first)).toHaveLength(3);
    expect(first.headers.link).toBe('</v2/_catalog?n=3&last=hosted%2Fbob%2Fmine>; rel="next"');
    const second = await catalog(as('ci'), '?n=3&last=hosted%2Fbob%2Fmine');
    expect([namesIn(second), second.headers.link]).toEqual([['hosted/team/app'], undefined]);
  });

  it('names on a bound port and with ns what can be asked for there, by those names', async () => {
    for (const answer of [await catalog(as('ci'), '', bound), await catalog(as('ci'), '?ns=registry.corp')]) {
      expect(namesIn(answer)).toEqual(['open/app', 'secret/app']);
    }
    expect(await catalog(as('ci'), '?ns=elsewhere.test')).toMatchObject({
      status: 404,
      code: 'NAME_UNKNOWN',
    });
  });

  it('takes a token for it, and no other', async () => {
    const { registry } = stage.pratique;
    const authorized = async (scope: string): Promise<Answer> =>
      catalog({ headers: { Authorization: await tokenOf(registry, 'bob', scope) } });
    expect(namesIn(await authorized('registry:catalog:*'))).toEqual(['corp/open/app', 'hosted/bob/mine']);
    const refused = await authorized('repository:hosted/bob/mine:pull');
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });

  it('is read with GET and HEAD alone', async () => {
    expect(await catalog({ ...as('ci'), method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await catalog({ ...as('ci'), method: 'DELETE' })).toMatchObject({ status: 405 });
  });

  it('is not open where nothing is', async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    const closed = await openStage({ feeds: null, config: { auth: { users, anonymousPull: false } } });
    const refused = await ask(closed.pratique.registry, '/v2/_catalog');
    await closed.close();
    expect(refused).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(refused.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });

  it('forgets a repository whose last manifest was deleted', async () => {
    expect((await ci.push('hosted/team/short', '1', clean)).status).toBe(201);
    expect(namesIn(await catalog(as('ci')))).toContain('hosted/team/short');
    const path = `/v2/hosted/team/short/manifests/${clean.manifest.digest}`;
    expect((await ci.ask(path, { method: 'DELETE' })).status).toBe(202);
    expect(namesIn(await catalog(as('ci')))).not.toContain('hosted/team/short');
  });
});

describe('120: a catalog that names what one may not pull', () => {
  it('names to each what he may pull, and to nobody what is somebody else’s', async () => {
    expect(namesIn(await catalog())).toEqual(['corp/open/app']);
    expect(namesIn(await catalog(as('bob')))).toEqual(['corp/open/app', 'hosted/bob/mine']);
    const paged = await catalog(as('bob'), '?n=1');
    expect(paged.headers.link).toBe('</v2/_catalog?n=1&last=corp%2Fopen%2Fapp>; rel="next"');
  });
});

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

/** An artifact that refers to an image. */
function artifact(about: string, artifactType: string, note = ''): BuiltImage {
  return buildImage({
    layers: [],
    rawConfig: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
    manifest: {
      artifactType,
      subject: { mediaType: manifestType, digest: about, size: 10 },
      annotations: { note },
    },
  });
}
const described = ({ manifest }: BuiltImage, artifactType: string, note: string) => ({
  mediaType: manifestType,
  digest: manifest.digest,
  size: manifest.bytes.length,
  artifactType,
  annotations: { note },
});

interface Told {
  readonly status: number;
  readonly link: string | undefined;
  readonly filtered: string | undefined;
  readonly manifests: readonly { readonly digest: string }[];
  readonly message: string;
}

describe('referrers of a proxied repository', () => {
  const subject = clean.manifest.digest;
  const signature = artifact(subject, 'test/signature', 'upstream');
  const sbom = artifact(subject, 'test/sbom', 'by tag');
  const referrers = async (
    repository: string,
    query = '',
    user = 'ci',
    about: string = subject,
  ): Promise<Told> => {
    const path = `/v2/${repository}/referrers/${about}${query}`;
    const { status, headers, body, message } = await ask(stage.pratique.registry, path, as(user));
    const manifests =
      status === 200 ? (JSON.parse(body.toString()) as { manifests: { digest: string }[] }).manifests : [];
    const filtered = headers['oci-filters-applied'];
    return { status, link: headers.link?.toString(), filtered: filtered?.toString(), manifests, message };
  };
  const digests = ({ manifests }: Told): readonly string[] => manifests.map(({ digest }) => digest).sort();

  it('are what its upstream lists, filtered whatever the upstream does', async () => {
    stage.upstream.put('refs/listed', '1', clean);
    stage.upstream.put('refs/listed', null, signature);
    stage.upstream.put('refs/listed', null, sbom);
    expect(digests(await referrers('corp/refs/listed'))).toEqual(
      [signature.manifest.digest, sbom.manifest.digest].sort(),
    );
    const filtered = await referrers('corp/refs/listed', '?artifactType=test%2Fsbom');
    expect([filtered.filtered, digests(filtered)]).toEqual(['artifactType', [sbom.manifest.digest]]);
  });

  it('are what lies under the tag where it has no list', async () => {
    stage.upstream.fault(/refs\/tagged\/referrers/, { status: 404 });
    stage.upstream.put('refs/tagged', '1', clean);
    expect(await referrers('corp/refs/tagged')).toMatchObject({ status: 200, manifests: [] });
    const entry = described(sbom, 'test/sbom', 'by tag');
    stage.upstream.put('refs/tagged', subject.replace(':', '-'), listing(entry));
    expect(await referrers('corp/refs/tagged')).toMatchObject({ status: 200, manifests: [entry] });
  });

  it('have with them what was pushed through here, once', async () => {
    stage.upstream.fault(/refs\/pushed\/referrers/, { status: 405 });
    const pushed = artifact(subject, 'test/pushed', 'pushed');
    expect((await ci.push('corp/refs/pushed', 'x', pushed)).status).toBe(201);
    const entry = described(pushed, 'test/pushed', 'pushed');
    expect(await referrers('corp/refs/pushed')).toMatchObject({ status: 200, manifests: [entry] });
    stage.upstream.put(
      'refs/pushed',
      subject.replace(':', '-'),
      listing(entry, described(sbom, 'test/sbom', '')),
    );
    expect(digests(await referrers('corp/refs/pushed'))).toEqual(
      [pushed.manifest.digest, sbom.manifest.digest].sort(),
    );
  });

  it.each([
    ['an error', { status: 500 }, 403],
    ['no right', { status: 403 }, 403],
    ['too often', { status: 429 }, 429],
    ['a web page', { html: true }, 403],
    ['no JSON', { body: 'nothing' }, 403],
    ['something else', { body: '{}' }, 403],
    ['no answer', { reset: true }, 403],
    ['a next page elsewhere', { headers: { link: '<http://elsewhere.test/v2/>; rel="next"' } }, 403],
  ])('are never told as none where the upstream has %s', async (_what, fault, status) => {
    const restore = stage.upstream.fault(/refs\/listed\/referrers/, fault);
    const told = await referrers('corp/refs/listed');
    restore();
    expect([told.status, told.message]).toEqual([status, expect.stringContaining('corp')]);
  });

  it('of what is no digest are not asked for', async () => {
    stage.upstream.forgetRequests();
    expect((await referrers('corp/refs/listed', '', 'ci', 'sha256:abc')).status).toBe(400);
    expect((await referrers('corp/refs/listed', '?last=abc')).status).toBe(400);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('121: are for those alone who may pull from it', async () => {
    stage.upstream.forgetRequests();
    expect((await referrers('corp/refs/listed', '', 'bob')).status).toBe(403);
    expect((await ask(stage.pratique.registry, `/v2/corp/refs/listed/referrers/${subject}`)).status).toBe(
      401,
    );
    expect(stage.upstream.requests).toEqual([]);
  });

  it('122: carry no content and lead to none but by digest', async () => {
    const entry = described(sbom, 'test/sbom', '');
    const smuggled = {
      ...entry,
      data: Buffer.from('secret').toString('base64'),
      urls: ['http://elsewhere.test/'],
    };
    const body = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [smuggled] });
    const restore = stage.upstream.fault(/refs\/listed\/referrers/, { body });
    const told = await referrers('corp/refs/listed');
    restore();
    expect(told.manifests).toEqual([entry]);
  });

  it('of a hosted repository have with them what lies under the tag', async () => {
    const own = artifact(subject, 'test/own', 'own');
    expect((await ci.push('hosted/refs', 'own', own)).status).toBe(201);
    expect((await ci.push('hosted/refs', 'one', clean)).status).toBe(201);
    const child = { ...clean.manifest };
    const index = listing({ mediaType: child.mediaType, digest: child.digest, size: child.bytes.length });
    expect((await ci.manifest('hosted/refs', subject.replace(':', '-'), index.manifest)).status).toBe(201);
    expect(digests(await referrers('hosted/refs'))).toEqual([own.manifest.digest, child.digest].sort());
  });
});

/** The list that clients keep under a tag. */
function listing(...manifests: readonly object[]): BuiltImage {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  return { ...clean, manifest: { bytes, digest: sha256(bytes), mediaType: indexType }, blobs: new Map() };
}
