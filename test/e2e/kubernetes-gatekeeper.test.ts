import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { openStage, type Stage } from '../integration/stage.ts';
import { startGatekeeper } from './support/gatekeeper.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, images, repositories, until } from './support/kubernetes-gate.ts';
import { debugging, deployment, pod, templateKinds } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';
import { environmentPath } from './support/programs.ts';

const gatekeeper = environmentPath('PRATIQUE_GATEKEEPER', 'gatekeeper');
const shipped = 'deploy/gatekeeper';

interface Shipped {
  readonly kind: string;
  spec?: Record<string, unknown>;
}

function shippedObjects(): Shipped[] {
  return readdirSync(shipped)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(readFileSync(join(shipped, name), 'utf8')))
    .map((document) => document.toJS() as Shipped);
}

describeCluster(
  'a real Gatekeeper asks Pratique',
  (beforeTests) => {
    let cluster: Cluster;
    let stage: Stage;
    beforeTests(async (opening) => {
      if (gatekeeper === null) return;
      stage = opening.closing(await openStage({ repositories, config: { webhook: { gatekeeper: {} } } }));
      cluster = await opening.cluster();
      opening.closing(await startGatekeeper(cluster, gatekeeper));
      const objects = shippedObjects();
      for (const object of objects.filter(({ kind }) => kind === 'Provider')) {
        object.spec = {
          ...object.spec,
          url: `https://127.0.0.1:${stage.pratique.ports.webhook}${new URL(String(object.spec?.url)).pathname}`,
          caBundle: readFileSync(join(stage.pratique.dataDir, 'webhook', 'ca.crt')).toString('base64'),
        };
      }
      const isConstraint = ({ kind }: Shipped): boolean => kind.startsWith('Pratique');
      // As it is shipped it only watches.
      for (const object of objects.filter(isConstraint)) {
        expect(object.spec?.enforcementAction).toBe('dryrun');
        object.spec = { ...object.spec, enforcementAction: 'deny' };
      }
      const apply = (items: readonly object[]) =>
        cluster.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
      const first = await apply(objects.filter((object) => !isConstraint(object)));
      expect(first.err).toBe('');
      await until('the Constraint is taken', async () => {
        return (await apply(objects.filter(isConstraint))).code === 0;
      });
      await until('Gatekeeper enforces it', async () => {
        const args = ['run', 'asked', `--image=${images.bad}`, '--dry-run=server'];
        return (await cluster.kubectl(args)).code !== 0;
      });
    });

    it('lets a Pod in whose images are cleared', async () => {
      expect(await cluster.create(pod(images.clean))).toEqual({ code: 0, out: 'pod/web created\n', err: '' });
    });

    it('refuses another in the words of Pratique', async () => {
      const { code, err } = await cluster.create(pod(images.bad, { name: 'bad' }));
      expect([code, err]).toEqual([1, expect.stringContaining(badSentence)]);
      expect(err).toMatch(
        /^Error from server \(Forbidden\): .*admission webhook "validation\.gatekeeper\.sh" denied the request: \[/,
      );
    });

    it.each(templateKinds)('refuses a %s, and makes one that is cleared', async (_kind, _resource, of) => {
      expect((await cluster.create(of(images.bad, 'bad'))).err).toContain(badSentence);
      expect((await cluster.create(of(images.clean, 'good'))).code).toBe(0);
    });

    it.each([
      ['an init container', { initContainers: [{ name: 'init', image: images.bad }] }],
      ['an image volume', { volumes: [{ name: 'model', image: { reference: images.bad } }] }],
    ])('refuses a Pod for %s', async (_what, spec) => {
      expect((await cluster.create(pod(images.clean, { name: 'parts', spec }))).err).toContain(badSentence);
    });

    it('refuses an ephemeral container', async () => {
      expect((await cluster.kubectl(debugging('web', 'debug', images.bad))).err).toContain(badSentence);
    });

    it('refuses an image of a registry that nobody knows', async () => {
      expect((await cluster.create(pod(images.elsewhere, { name: 'odd' }))).err).toContain(
        'is not known to Pratique',
      );
    });

    it('refuses what is being inspected, does not remember that, and lets it in later', async () => {
      const lift = stage.upstream.fault(/team\/slow\/blobs/, { delay: 5000 }, { times: 1 });
      const first = await cluster.create(pod(images.slow, { name: 'slow' }));
      expect([first.code, first.err]).toEqual([
        1,
        expect.stringContaining('not yet: it is being inspected; try again'),
      ]);
      lift();
      await until(
        'it is let in',
        async () => (await cluster.create(pod(images.slow, { name: 'slow' }))).code === 0,
        30_000,
      );
    });

    it('lets objects that were there be labelled, and deleted', async () => {
      expect((await cluster.kubectl(['label', 'pod', 'web', 'a=b'])).code).toBe(0);
      expect((await cluster.kubectl(['delete', 'pod', 'web', '--timeout=30s'])).code).toBe(0);
    });

    it('lets nothing in where Pratique is away', async () => {
      await stage.pratique.stop('SIGKILL');
      const { code, err } = await cluster.create(deployment(images.other, 'away'));
      expect([code, err]).toEqual([1, expect.stringContaining('Pratique')]);
    });
  },
  gatekeeper === null ? 'gatekeeper' : null,
);
