import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { Addressing } from '../core/ports/gate.ts';
import { formatPointer } from '../core/repository.ts';
import { parsePolicySet } from '../policy/bindings/parse.ts';
import { makeRulebook } from '../policy/bindings/rule.ts';
import { applyPatch } from '../test/support/json-patch.ts';
import { kindsWith } from './kinds.ts';
import { mutate } from './mutation.ts';
import { patchOf } from './patch.ts';
import type { MutateSettings } from './pinning.ts';
import { parseReview } from './review.ts';
import { review } from './samples.ts';

const digestOf = (hex: string): Digest => {
  const digest = parseDigest(`sha256:${hex.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
};
const [now, then] = [digestOf('a'), digestOf('b')];

const rulebook = makeRulebook(
  parsePolicySet(
    `version: 1
name: test
bindings:
  - { id: audits, namespaces: [audited], policy: baseline, mode: audit }
  - { id: off, namespaces: [unwatched], policy: baseline, mode: "off" }
  - { id: warns, namespaces: [warned], policy: baseline, mode: warn }
  - { id: lenient, namespaces: [lenient], policy: baseline, unknownRegistry: allow }
  - { id: default, policy: baseline }
beforeScan:
  - { id: ours, images: [docker.io/signed/*], action: pass, reason: they are signed elsewhere }
  - { id: never, images: [docker.io/banned/*], action: refuse, reason: nobody keeps them }
`,
    'test.yaml',
    () => '',
  ),
  [],
);

/** Docker Hub under its own name, `reg.corp` as `corp`; the proxy is `proxy:5000`, and `hub.corp` bound to Docker Hub. */
const names = new Map([
  ['docker.io', 'docker.io'],
  ['corp', 'reg.corp'],
  ['hosted', 'hosted'],
]);
const addressing: Addressing = {
  locate: (registry, path) => {
    if (registry === 'proxy:5000') {
      const [alias = '', ...rest] = path.split('/');
      const namespace = names.get(alias);
      return namespace === undefined ? null : { upstream: alias, namespace, path: rest.join('/') };
    }
    if (registry === 'hub.corp') return { upstream: 'docker.io', namespace: 'docker.io', path };
    if (registry === 'docker.io') return { upstream: registry, namespace: registry, path };
    return registry === 'reg.corp' ? { upstream: 'corp', namespace: registry, path } : null;
  },
  isOwn: (registry) => ['proxy:5000', 'hub.corp'].includes(registry),
};

const never = new Promise<never>(() => undefined);
interface Run {
  readonly object: unknown;
  readonly changes: readonly (readonly [pointer: string, to: string])[];
  readonly unpinned: readonly string[];
  readonly asked: readonly string[];
}

/** What becomes of an object; looks that it becomes nothing else when it is sent again. */
async function run(fields: object, settings: Partial<MutateSettings> = {}): Promise<Run> {
  const asked: string[] = [];
  const ports = {
    ...{ addressing, rulebook: () => rulebook, cluster: null, namespaces: null },
    kinds: kindsWith([]),
    gate: {
      known: () => null,
      find: (
        ...[address, pointer]: [
          Parameters<typeof formatPointer>[0],
          Parameters<typeof formatPointer>[1],
          number,
        ]
      ) => {
        asked.push(formatPointer(address, pointer));
        if (address.path.includes('silent')) return never;
        if (address.path.includes('gone')) {
          return Promise.reject(new PratiqueError('manifest-unknown', 'it is not there'));
        }
        return Promise.resolve({ digest: now, settled: () => never });
      },
    },
    mutate: { pin: true, templates: false, rewriteTo: null, ...settings },
  };
  const send = async (more: object) => {
    const { request } = parseReview(Buffer.from(JSON.stringify(review({ ...fields, ...more }))));
    if (request === null) throw new Error('the review cannot be read');
    return { request, mutation: await mutate(ports, request, 50, () => performance.now()) };
  };
  const { request, mutation } = await send({});
  const patch = patchOf(mutation.changes);
  const object = applyPatch(request.object, patch);
  const first = [...asked];
  if (patch.length > 0) expect((await send({ object })).mutation.changes).toEqual([]);
  return {
    object,
    changes: mutation.changes.map(({ pointer, to }) => [pointer, to]),
    unpinned: mutation.unpinned.map(({ used: { where }, why }) => `${where}: ${why}`),
    asked: first,
  };
}

const spec = (...images: string[]) => ({
  containers: images.map((image, index) => ({ name: `c${index}`, image, imagePullPolicy: 'Always' })),
});
const pod = (...images: string[]) => ({ object: { spec: spec(...images) } });
const deployment = (image: string, metadata: object = {}) => ({
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  object: { metadata, spec: { template: { spec: spec(image) } } },
});
const update = (before: string[], after: string[], more: object = {}) => ({
  operation: 'UPDATE',
  oldObject: { spec: spec(...before) },
  object: { spec: spec(...after) },
  ...more,
});
const rewrite = { rewriteTo: 'proxy:5000' };
const at = (index: number) => `/spec/containers/${index}/image`;

describe('an image of a Pod', () => {
  it.each<[image: string, becomes: string, settings?: Partial<MutateSettings>]>([
    ['nginx:1.27', `nginx:1.27@${now}`],
    ['nginx', `nginx@${now}`],
    ['docker.io/library/nginx:1.27', `docker.io/library/nginx:1.27@${now}`],
    ['reg.corp/app:1', `reg.corp/app:1@${now}`],
    ['proxy:5000/corp/app:1', `proxy:5000/corp/app:1@${now}`],
    ['hub.corp/library/nginx:1', `hub.corp/library/nginx:1@${now}`],
    [`nginx:1.27@${then}`, `nginx:1.27@${then}`],
    [`nginx@${then}`, `nginx@${then}`],
    ['reg.corp/gone:1', 'reg.corp/gone:1'],
    ['reg.corp/silent:1', 'reg.corp/silent:1'],
    ['elsewhere.corp/app:1', 'elsewhere.corp/app:1'],
    ['signed/app:1', 'signed/app:1'],
    ['banned/app:1', 'banned/app:1'],
    ['no reference', 'no reference'],
    ['nginx:1.27', 'nginx:1.27', { pin: false }],
    ['nginx:1.27', `proxy:5000/docker.io/library/nginx:1.27@${now}`, rewrite],
    ['nginx', `proxy:5000/docker.io/library/nginx@${now}`, rewrite],
    ['nginx:1.27', 'proxy:5000/docker.io/library/nginx:1.27', { ...rewrite, pin: false }],
    [`reg.corp/app:1@${then}`, `proxy:5000/corp/app:1@${then}`, rewrite],
    ['signed/app:1', 'proxy:5000/docker.io/signed/app:1', rewrite],
    ['proxy:5000/corp/app:1', `proxy:5000/corp/app:1@${now}`, rewrite],
    ['proxy:5000/hosted/app:1', `proxy:5000/hosted/app:1@${now}`, rewrite],
    ['hub.corp/library/nginx:1', `hub.corp/library/nginx:1@${now}`, rewrite],
    ['elsewhere.corp/app:1', 'elsewhere.corp/app:1', rewrite],
    ['reg.corp/gone:1', 'proxy:5000/corp/gone:1', rewrite],
    ['no reference', 'no reference', rewrite],
    // Not a name by which the proxy is known: what is named so would be of no known registry.
    ['reg.corp/app:1', `reg.corp/app:1@${now}`, { rewriteTo: 'other:5000' }],
  ])('%s becomes %s', async (image, becomes, ...[settings]) => {
    const { object } = await run(pod(image), settings);
    expect(object).toEqual({ spec: spec(becomes) });
  });

  it('is changed wherever it stands, and nothing else is', async () => {
    const places = {
      spec: {
        ...spec('a:1', `b:1@${then}`),
        initContainers: [{ name: 'setup', image: 'a:1' }],
        volumes: [
          { name: 'e', emptyDir: {} },
          { name: 'v', image: { reference: 'reg.corp/data:1' } },
        ],
        ephemeralContainers: [{ name: 'debug', image: 'docker.io/library/a:1' }],
      },
    };
    const { changes, asked } = await run({ object: places });
    expect(changes).toEqual([
      ['/spec/initContainers/0/image', `a:1@${now}`],
      [at(0), `a:1@${now}`],
      ['/spec/ephemeralContainers/0/image', `docker.io/library/a:1@${now}`],
      ['/spec/volumes/1/image/reference', `reg.corp/data:1@${now}`],
    ]);
    // One image is asked for once, however it is spelled, so that all places get the same digest.
    expect(asked).toEqual(['docker.io/library/a:1', 'reg.corp/data:1']);
  });

  it.each([
    ['default', 'elsewhere.corp/app:1', []],
    [
      'lenient',
      'elsewhere.corp/app:1',
      ['container "c0": the registry elsewhere.corp is not known to Pratique'],
    ],
    [
      'warned',
      'elsewhere.corp/app:1',
      ['container "c0": the registry elsewhere.corp is not known to Pratique'],
    ],
    ['default', 'reg.corp/gone:1', ['container "c0": it is not there']],
    ['default', 'reg.corp/silent:1', ['container "c0": reg.corp was asked, and has not answered']],
    ['audited', 'reg.corp/gone:1', []],
    ['default', 'signed/app:1', []],
  ])('in namespace %s stays by tag: %s, and that is told: %j', async (namespace, image, told) => {
    const { changes, unpinned } = await run({ ...pod(image), namespace });
    expect([changes, unpinned]).toEqual([[], told]);
  });

  it.each([
    ['warned', [[at(0), `nginx:1@${now}`]]],
    ['audited', []],
    ['unwatched', []],
  ])('is pinned in namespace %s: %j', async (namespace, changes) => {
    expect((await run({ ...pod('nginx:1'), namespace })).changes).toEqual(changes);
  });
});

describe('an update of a Pod', () => {
  it.each<[what: string, fields: object, changes: Run['changes']]>([
    ['that changes no image', update(['nginx:1'], ['nginx:1']), []],
    ['that changes one', update(['nginx:1', 'a:1'], ['nginx:2', 'a:1']), [[at(0), `nginx:2@${now}`]]],
    [
      'sent again as it was written before it was pinned',
      update([`nginx:1@${then}`], ['nginx:1']),
      [[at(0), `nginx:1@${then}`]],
    ],
    [
      'the same by another spelling',
      update([`nginx@${then}`], ['docker.io/library/nginx:latest']),
      [[at(0), `nginx@${then}`]],
    ],
    ['that asks for another tag', update([`nginx:1@${then}`], ['nginx:2']), [[at(0), `nginx:2@${now}`]]],
    ['that asks for another digest', update([`nginx:1@${then}`], [`nginx:1@${now}`]), []],
    [
      'an ephemeral container',
      {
        ...update(['nginx:1'], ['nginx:1']),
        subResource: 'ephemeralcontainers',
        object: { spec: { ...spec('nginx:1'), ephemeralContainers: [{ name: 'd', image: 'a:1' }] } },
      },
      [['/spec/ephemeralContainers/0/image', `a:1@${now}`]],
    ],
    ['of its status', update(['nginx:1'], ['nginx:2'], { subResource: 'status' }), []],
    ['of its resources', update(['nginx:1'], ['nginx:2'], { subResource: 'resize' }), []],
    ['that deletes it', { operation: 'DELETE', object: null, oldObject: { spec: spec('nginx:1') } }, []],
    ['that could not be read before', update([], ['nginx:1']), [[at(0), `nginx:1@${now}`]]],
  ])('%s', async (_what, fields, changes) => {
    expect((await run(fields)).changes).toEqual(changes);
  });
});

describe('what is no Pod of its own', () => {
  const templates = { templates: true };
  const owner = (controller: boolean) => ({ ownerReferences: [{ kind: 'X', name: 'x', controller }] });
  const pinned = [['/spec/template/spec/containers/0/image', `nginx:1@${now}`]] as const;
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
  it.each<[what: string, fields: object, settings: Partial<MutateSettings>, changes: Run['changes']]>([
    ['a template', deployment('nginx:1'), {}, []],
    ['a template that is to be pinned', deployment('nginx:1'), templates, pinned],
    ['one that another object keeps', deployment('nginx:1', owner(true)), templates, []],
    ['one that another object only owns', deployment('nginx:1', owner(false)), templates, pinned],
    [
      'a Pod that another object keeps',
      { object: { metadata: owner(true), spec: spec('nginx:1') } },
      {},
      [[at(0), `nginx:1@${now}`]],
    ],
    [
      'the Pod of a file on a node',
      {
        object: { metadata: mirror, spec: spec('nginx:1') },
        userInfo: { username: 'system:node:a', groups: ['system:nodes'] },
      },
      {},
      [],
    ],
    [
      'a Pod that somebody else calls so',
      { object: { metadata: mirror, spec: spec('nginx:1') } },
      {},
      [[at(0), `nginx:1@${now}`]],
    ],
    ['an unknown kind', { kind: { group: 'x.y', version: 'v1', kind: 'Z' } }, templates, []],
    ['no object', { object: null }, {}, []],
    ['a Pod of another shape', { object: { spec: { containers: 'x' } } }, {}, []],
    ['more images than are judged', pod(...Array.from({ length: 101 }, (_, index) => `a${index}:1`)), {}, []],
  ])('%s', async (_what, fields, settings, changes) => {
    expect((await run(fields, settings)).changes).toEqual(changes);
  });
});
