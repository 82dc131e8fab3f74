import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { podObject, sha } from '../../test/support/cluster-pods.ts';
import { readPod } from './pod.ts';
import { type Place, Pods } from './pods.ts';

const kept = new Set(['team']);

function put(pods: Pods, name: string, given: Partial<Parameters<typeof podObject>[0]> = {}): void {
  const pod = readPod(podObject({ name, ...given }), kept);
  if (pod === null || pod === 'unreadable') throw new Error('no pod');
  pods.put(pod);
}

describe('Pods that run', () => {
  it('share a place where they run one image for one workload', () => {
    const seen: string[] = [];
    const pods = new Pods({
      onPlace: ({ workload, id }) => seen.push(`+ ${workload} ${id.slice(-1)}`),
      onGone: ({ workload, id }) => seen.push(`- ${workload} ${id.slice(-1)}`),
    });
    put(pods, 'a');
    put(pods, 'b');
    put(pods, 'b');
    put(pods, 'c', { namespace: 'bank' });
    expect(pods.counts).toEqual({ pods: 3, places: 2, unread: 0 });
    // A new image, and the last Pod of the old one.
    put(pods, 'c', { namespace: 'bank', id: `r/app@${sha(2)}` });
    pods.remove('uid-shop-a');
    pods.remove('uid-shop-a');
    pods.keepOnly(new Set(['uid-bank-c']));
    expect(pods.counts).toEqual({ pods: 1, places: 1, unread: 0 });
    expect(seen).toEqual([
      '+ Deployment/web 1',
      '+ Deployment/web 1',
      '+ Deployment/web 2',
      '- Deployment/web 1',
      '- Deployment/web 1',
    ]);
  });

  it('are 10,000 in a few megabytes, whatever their objects weigh', () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const places: Place[] = [];
    const pods = new Pods({ onPlace: (place) => places.push(place), onGone: () => undefined });
    const padding = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`label-${index}`, 'x'.repeat(60)]),
    );
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed / 1024 ** 2;
    };
    const before = used();
    for (let index = 0; index < 10_000; index += 1) {
      const workload = index % 2000;
      // As it comes: a text of its own for each Pod.
      const object: unknown = JSON.parse(
        JSON.stringify(
          podObject({
            name: `web-${workload}-${index}`,
            namespace: `n-${workload % 200}`,
            owner: { kind: 'ReplicaSet', name: `web-${workload}-7d9` },
            labels: { ...padding, team: 'red', 'pod-template-hash': '7d9' },
            id: `registry.corp/team/app@${sha(workload)}`,
          }),
        ),
      );
      const pod = readPod(object, kept);
      if (pod === null || pod === 'unreadable') throw new Error('no pod');
      pods.put(pod);
    }
    expect(pods.counts).toEqual({ pods: 10_000, places: 2000, unread: 0 });
    const megabytes = used() - before;
    expect(megabytes).toBeLessThan(20);
    expect(places).toHaveLength(2000);
  });
});
