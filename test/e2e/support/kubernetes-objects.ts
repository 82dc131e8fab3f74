/** Objects of every kind that runs images, as users write them. */

interface Options {
  readonly name?: string;
  readonly namespace?: string;
  /** Of the Pod. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export function pod(image: string, { name = 'web', namespace, spec, metadata }: Options = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    spec: { containers: [{ name: 'web', image }], ...spec },
  };
}

const labels = { app: 'web' };

function template(image: string, restartPolicy: 'Always' | 'Never'): object {
  return { metadata: { labels }, spec: { restartPolicy, containers: [{ name: 'web', image }] } };
}

function workload(apiVersion: string, kind: string, spec: object, image: string, name: string): object {
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: template(image, 'Always'), ...spec },
  };
}

export function deployment(image: string, name = 'web', replicas = 0): object {
  return workload('apps/v1', 'Deployment', { replicas }, image, name);
}

/** Kind, what kubectl calls it, and how it is made. */
export const templateKinds: readonly (readonly [string, string, (image: string, name: string) => object])[] =
  [
    [
      'PodTemplate',
      'podtemplate',
      (image, name) => ({
        apiVersion: 'v1',
        kind: 'PodTemplate',
        metadata: { name },
        template: template(image, 'Always'),
      }),
    ],
    [
      'ReplicationController',
      'replicationcontroller',
      (image, name) =>
        workload('v1', 'ReplicationController', { replicas: 0, selector: labels }, image, name),
    ],
    [
      'ReplicaSet',
      'replicaset.apps',
      (image, name) => workload('apps/v1', 'ReplicaSet', { replicas: 0 }, image, name),
    ],
    ['Deployment', 'deployment.apps', (image, name) => deployment(image, name)],
    [
      'StatefulSet',
      'statefulset.apps',
      (image, name) => workload('apps/v1', 'StatefulSet', { replicas: 0, serviceName: 'web' }, image, name),
    ],
    ['DaemonSet', 'daemonset.apps', (image, name) => workload('apps/v1', 'DaemonSet', {}, image, name)],
    [
      'Job',
      'job.batch',
      (image, name) => ({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name },
        spec: { suspend: true, template: template(image, 'Never') },
      }),
    ],
    [
      'CronJob',
      'cronjob.batch',
      (image, name) => ({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name },
        spec: {
          schedule: '0 0 1 1 *',
          suspend: true,
          jobTemplate: { spec: { template: template(image, 'Never') } },
        },
      }),
    ],
  ];

/** How kubectl adds an ephemeral container of that name to a Pod. */
export function debugging(podName: string, name: string, image: string): readonly string[] {
  return ['debug', podName, '-c', name, `--image=${image}`, '--attach=false', '--profile=general'];
}
