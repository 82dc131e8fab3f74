import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (name: string): unknown =>
  parse(readFileSync(new URL(`../../deploy/image-policy/${name}`, import.meta.url), 'utf8'));

it('deploy/image-policy fails closed, asks at the door, and remembers no longer than the guide says', () => {
  expect(read('admission-configuration.yaml')).toEqual({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'ImagePolicyWebhook',
        configuration: {
          imagePolicy: {
            kubeConfigFile: '/etc/kubernetes/pratique/kubeconfig.yaml',
            ...{ allowTTL: 30, denyTTL: 5, retryBackoff: 500, defaultAllow: false },
          },
        },
      },
    ],
  });
  expect(read('kubeconfig.yaml')).toMatchObject({
    clusters: [{ cluster: { server: expect.stringMatching(/^https:.*\/image-policy$/) } }],
  });
});
