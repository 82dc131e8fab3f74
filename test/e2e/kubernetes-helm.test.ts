import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from '@jest/globals';
import { kubeTools } from '../../deploy/tools/kube-tools.ts';
import { feeds } from '../integration/stage.ts';
import { writeOsvDirectory } from '../support/osv.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { HelmRelease, type Part, succeeded } from './support/helm-release.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, denied, digests, images, repositories, until } from './support/kubernetes-gate.ts';
import { deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster, missingControllers } from './support/kubernetes-suite.ts';
import { openServiceRoute, type ServiceRoute } from './support/service-route.ts';

/** A release of the chart from its install to its end, by `helm` itself; proxy and webhook run with what Helm has made for them. */

interface Configuration {
  readonly webhooks: readonly {
    readonly failurePolicy: string;
    readonly rules?: readonly object[];
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/** In this order: each part goes on from what the one before has left. */
describeCluster(
  'a release of the chart',
  (beforeTests) => {
    let cluster: Cluster;
    let upstream: Upstream;
    let route: ServiceRoute;
    let release: HelmRelease;
    let proxy: Part;
    let webhook: Part;
    let secrets: readonly string[];

    const values = (): object => ({
      image: { repository: 'registry.corp.example/platform/pratique' },
      cluster: 'production',
      proxy: {
        config: {
          upstreams: [{ name: 'corp', url: upstream.url, namespace: 'registry.corp', tagTtl: '0s' }],
        },
      },
      webhook: { shutdownDelaySeconds: 0 },
    });
    const enforce = { webhook: { mode: 'enforce' } };

    beforeTests(async (opening) => {
      const dir = temporaryDirectory();
      route = opening.closing(await openServiceRoute(dir));
      cluster = await opening.cluster({ controllers: true, flags: () => route.flags }, join(dir, 'cluster'));
      upstream = opening.closing(await startUpstream({ repositories }));
      await cluster.must(['create', 'namespace', 'pratique']);
      // As the guide has it: Pods that ask for more than they need are not made.
      await cluster.must(['label', 'namespace', 'pratique', 'pod-security.kubernetes.io/enforce=restricted']);
      release = opening.closing(await HelmRelease.open(cluster, (await kubeTools()).helm));
    });

    const start = async (): Promise<void> => {
      proxy = await release.startProxy();
      webhook = await release.startWebhook();
      route.lead(webhook.port);
    };
    const stop = async (): Promise<void> => {
      route.lead(null);
      await release.stop();
    };
    const create = (object: object) => cluster.kubectl(['create', '-f', '-'], object);
    const make = (image: string, namespace = 'default') =>
      create(pod(image, { namespace, metadata: { name: undefined, generateName: 'made-' } }));
    const refuses = async (): Promise<boolean> => (await make(images.bad)).err.includes('denied the request');
    const configuration = (kind: 'validating' | 'mutating') =>
      cluster.get<Configuration>(`${kind}webhookconfiguration`, 'pratique');
    const bundle = async (kind: 'validating' | 'mutating'): Promise<string> =>
      (await configuration(kind)).webhooks[0]?.clientConfig.caBundle ?? '';
    /** Hashes of what is in the Secrets: token, certificate between webhook and proxy, the webhook's own. */
    const held = (): Promise<readonly string[]> =>
      Promise.all(
        ['pratique-gates', 'pratique-gates-tls', 'pratique-webhook-tls'].map(async (name) => {
          const { data } = await cluster.get<{ readonly data?: object }>('-n', 'pratique', 'secret', name);
          return createHash('sha256')
            .update(JSON.stringify(data ?? {}))
            .digest('hex');
        }),
      );

    it('is installed, and its Pods are made', async () => {
      expect(await release.apply('install', values())).toContain('The webhook watches: nothing is refused');
      await until('Pods are there', async () => {
        const { items } = await cluster.get<{ items: readonly object[] }>('-n', 'pratique', 'pods');
        return items.length === 3;
      });
      const { items } = await cluster.get<{ items: readonly { reason: string }[] }>(
        '-n',
        'pratique',
        'events',
      );
      expect(items.filter(({ reason }) => reason === 'FailedCreate')).toEqual([]);
    });

    it('has a proxy and a webhook that find and trust each other by what Helm has made', async () => {
      const from = join(cluster.dir, 'osv');
      await writeOsvDirectory(from, feeds);
      const imported = await runCli(['advisories', 'update', '--from', from, '--data', release.proxyData]);
      expect(imported.code).toBe(0);
      await start();
      const status = (await (await fetch(`${proxy.management}/api/v1/status`)).json()) as {
        replicas: object[];
      };
      expect(status.replicas).toEqual([expect.objectContaining({ cluster: 'production' })]);
      expect((await fetch(`${proxy.management}/readyz`)).status).toBe(200);
    });

    it('watches at first: what would be refused is let in, with a warning', async () => {
      for (const kind of ['validating', 'mutating'] as const) {
        await until(`the ${kind} one has an authority`, async () => (await bundle(kind)) !== '');
      }
      await until('it warns', async () =>
        (await make(images.bad)).err.includes('Pratique would refuse this'),
      );
      expect(await make(images.clean)).toMatchObject({ code: 0, err: '' });
      expect((await configuration('mutating')).webhooks.map(({ rules }) => rules ?? [])).toEqual([[]]);
      secrets = await held();
    });

    it('enforces by an upgrade, in which nothing that is clean is refused', async () => {
      await release.apply('upgrade', values(), enforce);
      const lost: string[] = [];
      await until('it refuses', async () => {
        const { code, err } = await make(images.clean);
        if (code !== 0) lost.push(err);
        return refuses();
      });
      expect(lost).toEqual([]);
      const { err } = await make(images.bad);
      expect([err, err.includes(badSentence)]).toEqual([
        expect.stringContaining(denied('error when creating "STDIN": ')),
        true,
      ]);
      await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'pinned' }));
      const { spec } = await cluster.get<{ spec: { containers: { image: string }[] } }>('pod', 'pinned');
      expect(spec.containers[0]?.image).toContain(digests.clean);
      expect(await held()).toEqual(secrets);
    });

    it('keeps token, certificates and authorities when its values change', async () => {
      const authority = await bundle('validating');
      await release.apply('upgrade', values(), enforce, {
        webhook: { replicas: 3, timeoutSeconds: 10, excludedNamespaces: ['kube-system', 'excluded'] },
        gates: { clusters: [{ cluster: 'edge', secretName: 'gate-edge' }] },
      });
      expect(await held()).toEqual(secrets);
      for (const kind of ['validating', 'mutating'] as const) expect(await bundle(kind)).toBe(authority);
      expect(await refuses()).toBe(true);
      expect(await make(images.clean)).toMatchObject({ code: 0, err: '' });
    });

    it('is stopped and started for a restored backup, as the guide has it, and upgraded after that', async () => {
      const scale = (replicas: number) =>
        cluster.must(['-n', 'pratique', 'scale', 'statefulset', 'pratique', `--replicas=${replicas}`]);
      await scale(0);
      const [, restore = ''] =
        /<<'YAML'\n([\s\S]*?)\nYAML/.exec(readFileSync('docs/backup.md', 'utf8')) ?? [];
      const made = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], restore);
      expect(made).toEqual({ code: 0, out: 'pod/restore created (server dry run)\n', err: '' });
      await scale(1);
      await release.apply('upgrade', values(), enforce);
      expect(await held()).toEqual(secrets);
    });

    it('goes back to an earlier revision, and not to a token that was changed since', async () => {
      await cluster.must([
        ...['-n', 'pratique', 'patch', 'secret', 'pratique-gates', '-p'],
        JSON.stringify({ stringData: { token: 'another-token-of-the-gate-0123456789' } }),
      ]);
      secrets = await held();
      succeeded(await release.helm('rollback', 'pratique', '1'));
      expect(await held()).toEqual(secrets);
      await until('it only warns', async () => (await make(images.bad)).code === 0);
      // Forward again; the Pods that this starts anew have the other token.
      await release.apply('upgrade', values(), enforce);
      expect(await held()).toEqual(secrets);
      await stop();
      await start();
      await until('it refuses', refuses);
      expect(await make(images.clean)).toMatchObject({ code: 0, err: '' });
    });

    it('shows a certificate for its name alone, which its own authority has signed', async () => {
      const { data } = await cluster.get<{ data: Record<string, string> }>(
        ...['-n', 'pratique', 'secret', 'pratique-webhook-tls'],
      );
      const ca = Buffer.from(await bundle('validating'), 'base64');
      expect(Object.keys(data)).not.toEqual([]);
      expect(await shown(webhook.port, 'pratique-webhook.pratique.svc', ca)).toBe('trusted');
      expect(await shown(webhook.port, 'pratique.pratique.svc', ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      const file = join(release.proxyData, '..', '..', '..', 'etc', 'pratique', 'gates-tls', 'ca.crt');
      expect(await shown(webhook.port, 'pratique-webhook.pratique.svc', readFileSync(file))).not.toBe(
        'trusted',
      );
    });

    it('locks nobody out after a full outage: its own Pods and the cluster’s start first, and all is as before', async () => {
      await cluster.must(['-n', 'kube-system', 'create', '-f', '-'], deployment(images.elsewhere, 'dns', 1));
      await stop();
      await cluster.restart();
      await cluster.must(['-n', 'pratique', 'delete', 'pods', '--all', '--force', '--grace-period=0']);
      await cluster.must(['-n', 'kube-system', 'delete', 'pods', '--all', '--force', '--grace-period=0']);
      for (const [namespace, pods] of [
        ['pratique', 3],
        ['kube-system', 1],
      ] as const) {
        await until(`Pods of ${namespace} are made again`, async () => {
          const { items } = await cluster.get<{
            items: readonly { metadata: { deletionTimestamp?: string } }[];
          }>(...['-n', namespace, 'pods']);
          return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length === pods;
        });
      }
      const meanwhile = await make(images.clean);
      expect([meanwhile.code, meanwhile.err]).toEqual([1, expect.stringContaining('failed calling webhook')]);
      await start();
      await until('clean images are let in', async () => (await make(images.clean)).code === 0);
      expect(await refuses()).toBe(true);
      expect(await held()).toEqual(secrets);
    });

    it('takes its configurations with it when it is uninstalled, and nothing that was recorded', async () => {
      succeeded(await release.helm('uninstall', 'pratique'));
      await until('nobody is asked', async () => (await make(images.bad)).err === '');
      const left = await cluster.must(['-n', 'pratique', 'get', 'secret,pvc', '-o', 'name']);
      expect(left.trim().split('\n').sort()).toEqual([
        'persistentvolumeclaim/data-pratique-0',
        'secret/pratique-gates',
        'secret/pratique-gates-tls',
      ]);
      await release.apply('install', values());
      expect((await held()).slice(0, 2)).toEqual(secrets.slice(0, 2));
    });
  },
  missingControllers(),
);

/** `trusted`, or the code of the error of the handshake. */
function shown(port: number, servername: string, ca: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
      socket.destroy();
      resolve('trusted');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
