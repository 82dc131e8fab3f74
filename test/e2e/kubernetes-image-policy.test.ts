import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { bad, clean, openStage, type Stage } from '../integration/stage.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, digests, images, repositories, startsWith } from './support/kubernetes-gate.ts';
import { debugging, deployment, pod } from './support/kubernetes-objects.ts';
import { kubeconfigText } from './support/kubernetes-pki.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** In this order: at the end Pratique is stopped. */
describeCluster('the admission plugin ImagePolicyWebhook of a real API server', (beforeTests) => {
  let cluster: Cluster;
  let stage: Stage;
  beforeTests(async (opening) => {
    stage = opening.closing(await openStage({ repositories, config: { webhook: { imagePolicy: true } } }));
    const dir = temporaryDirectory();
    const kubeConfigFile = join(dir, 'image-policy.kubeconfig');
    const server = `https://127.0.0.1:${stage.pratique.ports.webhook}/image-policy`;
    writeFileSync(
      kubeConfigFile,
      kubeconfigText(server, join(stage.pratique.dataDir, 'webhook', 'ca.crt'), null),
    );
    const admission = join(dir, 'admission.yaml');
    // TTLs in seconds, the wait before another try in milliseconds.
    const imagePolicy = { kubeConfigFile, allowTTL: 1, denyTTL: 1, retryBackoff: 100, defaultAllow: false };
    writeFileSync(
      admission,
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AdmissionConfiguration',
        plugins: [{ name: 'ImagePolicyWebhook', configuration: { imagePolicy } }],
      }),
    );
    cluster = await opening.cluster({
      flags: () => [
        `--admission-control-config-file=${admission}`,
        '--enable-admission-plugins=ImagePolicyWebhook',
      ],
    });
  });

  it('lets a Pod in whose images are cleared', async () => {
    expect(await cluster.create(pod(images.clean))).toEqual({ code: 0, out: 'pod/web created\n', err: '' });
  });

  it('refuses another in the words of Pratique', async () => {
    const { code, err } = await cluster.create(pod(images.bad, { name: 'bad' }));
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        startsWith(
          `Error from server (Forbidden): error when creating "STDIN": pods "bad" is forbidden: image policy webhook backend denied one or more images: Blocked by Pratique: a container: ${images.bad}@${digests.bad}: ${badSentence}`,
        ),
      ),
    ]);
  });

  it('refuses one for an init container, and an ephemeral container', async () => {
    const spec = { initContainers: [{ name: 'init', image: images.bad }] };
    expect((await cluster.create(pod(images.clean, { name: 'init', spec }))).err).toContain(badSentence);
    expect((await cluster.kubectl(debugging('web', 'debug', images.bad))).err).toContain(badSentence);
  });

  it.each([images.elsewhere, images.missing])('refuses %s', async (image) => {
    const { code, err } = await cluster.create(pod(image, { name: 'odd' }));
    expect([code, err]).toEqual([1, expect.stringContaining('Blocked by Pratique')]);
  });

  it('asks for Pods alone: a Deployment is made, and its Pods are refused', async () => {
    expect((await cluster.create(deployment(images.bad))).code).toBe(0);
  });

  it('is not told of image volumes by the plugin: only the webhook refuses them', async () => {
    const spec = { volumes: [{ name: 'model', image: { reference: images.bad } }] };
    expect((await cluster.create(pod(images.clean, { name: 'volume', spec }))).code).toBe(0);
  });

  it('is asked again when a Pod is changed, though its images are the same', async () => {
    stage.upstream.put('team/app', 'moved', clean);
    const moved = 'registry.corp/team/app:moved';
    expect((await cluster.create(pod(moved, { name: 'moved' }))).code).toBe(0);
    expect((await cluster.kubectl(['label', 'pod', 'moved', 'a=b'])).code).toBe(0);
    stage.upstream.put('team/app', 'moved', bad);
    // Longer than the plugin keeps answers.
    await sleep(1500);
    // The plugin tells nothing of what was there before; the webhook would let this through.
    expect((await cluster.kubectl(['label', 'pod', 'moved', 'c=d'])).err).toContain(badSentence);
    expect((await cluster.kubectl(['delete', 'pod', 'moved', '--timeout=30s'])).code).toBe(0);
  });

  it('writes into the audit log what Pratique said', async () => {
    const annotations = cluster.audit().flatMap(({ annotations: found }) => Object.entries(found ?? {}));
    expect(annotations).toEqual(
      expect.arrayContaining([[expect.stringContaining('imagepolicywebhook'), expect.anything()]]),
    );
  });

  it('lets nothing in where Pratique is away and defaultAllow is false', async () => {
    await stage.pratique.stop('SIGKILL');
    const { code, err } = await cluster.create(pod(images.other, { name: 'away' }));
    expect([code, err]).toEqual([1, expect.stringContaining('connect: connection refused')]);
    expect((await cluster.kubectl(['delete', 'pod', 'web', '--timeout=30s'])).code).toBe(0);
  });

  it('asks again as soon as it is there', async () => {
    await stage.restart();
    expect(await cluster.create(pod(images.clean))).toEqual({ code: 0, out: 'pod/web created\n', err: '' });
  });
});
