import type { RequestOptions } from 'node:https';
import type { ClusterAccess } from '../../webhook/cluster/access.ts';
import type { ClusterObject } from './cluster.ts';

export const accessTo = (server: string): ClusterAccess => ({
  server,
  options: (): Promise<RequestOptions> => Promise.resolve({ headers: { Authorization: 'Bearer secret' } }),
});

export const sha = (number: number): string => `sha256:${number.toString(16).padStart(64, '0')}`;

export interface SamplePod {
  readonly name: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly id?: string;
  readonly owner?: { readonly kind: string; readonly name: string } | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly startTime?: string;
  readonly spec?: object;
  readonly status?: object;
}

/** A Pod as an API server gives it, with what managed fields and the like weigh. */
export function podObject(pod: SamplePod): ClusterObject {
  const { name, namespace = 'shop', image = 'registry.corp/team/app:1' } = pod;
  const { id = `registry.corp/team/app@${sha(1)}`, owner = { kind: 'ReplicaSet', name: 'web-7d9' } } = pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      labels: pod.labels ?? { 'pod-template-hash': '7d9', team: 'red' },
      ...(owner === null ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', ...owner, controller: true }] }),
    },
    spec: { serviceAccountName: 'web', containers: [{ name: 'web', image }], ...pod.spec },
    status: {
      phase: pod.phase ?? 'Running',
      startTime: pod.startTime ?? '2026-11-01T08:00:00Z',
      containerStatuses: [{ name: 'web', image, imageID: id, state: { running: {} } }],
      ...pod.status,
    },
  };
}

export const pods = '/api/v1/pods';
