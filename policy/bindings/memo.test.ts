import { describe, expect, it } from '@jest/globals';
import type { Asked, Selector } from './binding.ts';
import { everything } from './covers.ts';
import { rememberedSelector } from './memo.ts';
import { asker, nginx, setOfBindings } from './samples.ts';

const plain: Asked = { context: asker(), image: nginx };

/** For each key of a selector a binding that names it, and somebody whom it alone tells from `plain`. */
const rows: Readonly<Record<keyof Selector, readonly [binding: string, other: Asked]>> = {
  gates: ['gates: [proxy]', { ...plain, context: asker({ gate: 'proxy' }) }],
  upstreams: ['upstreams: [mirror]', { ...plain, image: { ...nginx, upstream: 'mirror' } }],
  images: ['images: ["**/app"]', { ...plain, image: { ...nginx, repository: 'docker.io/team/app' } }],
  clusters: ['clusters: [edge]', { ...plain, context: asker({ cluster: 'edge' }) }],
  namespaces: ['namespaces: [shop]', { ...plain, context: asker({ namespace: 'shop' }) }],
  namespaceLabels: [
    'namespaceLabels: { team: red }',
    { ...plain, context: asker({ namespaceLabels: { team: 'red' } }) },
  ],
  workloadLabels: [
    'workloadLabels: { pci: "*" }',
    { ...plain, context: asker({ workloadLabels: { pci: 'yes' } }) },
  ],
  serviceAccounts: [
    'serviceAccounts: [web/robot]',
    { ...plain, context: asker({ serviceAccount: 'web/robot' }) },
  ],
  users: ['users: [ada]', { ...plain, context: asker({ user: 'ada' }) }],
  groups: ['groups: [robots]', { ...plain, context: asker({ groups: ['robots'] }) }],
};

describe('a search that remembers', () => {
  it('is tried with every key of a selector', () => {
    expect(Object.keys(rows).sort()).toEqual(Object.keys(everything).sort());
  });

  it.each(Object.entries(rows))(
    'tells askers apart by %s, whoever asked before',
    (_key, [binding, other]) => {
      for (const askers of [
        [plain, other, plain],
        [other, plain, other],
      ]) {
        const select = rememberedSelector(setOfBindings(`id: named, ${binding}`, 'id: rest'));
        const found = askers.map(({ context, image }) => {
          const selection = select(context, image);
          return selection.kind === 'bound' && selection.bounds.some(({ binding: { id } }) => id === 'named');
        });
        expect(found).toEqual(askers.map((one) => one === other));
      }
    },
  );
});
