import { createBindings } from '../../proxy/bindings.ts';
import type { ProxyContext } from '../../proxy/context.ts';

const never = (): never => {
  throw new Error('this proxy takes no pushes');
};

/** The parts of a registry front that play no role where everybody may pull and nobody pushes. */
export const noPushes: Pick<
  ProxyContext,
  'authorization' | 'bindings' | 'catalog' | 'lists' | 'stopsFallback' | 'hosted' | 'uploads' | 'pushThrough'
> = {
  authorization: {
    authorize: () =>
      Promise.resolve({
        user: null,
        puller: 'from 127.0.0.1',
        may: (action) => action === 'pull',
        maySee: () => true,
        viaPushToken: false,
      }),
    tokenApp: null,
    problem: () => null,
  },
  bindings: createBindings(new Map()),
  lists: new Map(),
  catalog: { upstreams: [], repositories: { listRepositories: never } },
  stopsFallback: () => null,
  hosted: {
    exists: never,
    hasBlob: never,
    keepBlob: never,
    keepPushed: never,
    isPushedBy: never,
    pushedTo: never,
    deleteBlob: never,
    putManifest: never,
    deleteManifest: never,
    deleteTag: never,
    listTags: never,
    referrers: never,
    tagged: never,
  },
  uploads: {
    begin: never,
    status: never,
    append: never,
    finish: never,
    cancel: never,
    withRoom: never,
    expire: never,
  },
  pushThrough: new Map(),
};
