import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cluster } from './kubernetes.ts';

interface Item {
  readonly key: string;
  readonly path: string;
}
interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items?: readonly Item[] };
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
}
interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}
interface Workload {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes: readonly Volume[];
        readonly containers: readonly [
          { readonly args: readonly string[]; readonly volumeMounts: readonly Mount[] },
        ];
      };
    };
  };
}

export interface Mounted {
  /** What the container is started with. */
  readonly args: readonly string[];
  /** Where a path of the container lies on this machine. */
  at(path: string): string;
}

/**
 * What a kubelet puts below the mount paths of a workload's container, out of the Secrets and ConfigMaps that are in the cluster.
 * @param root folder that stands for the container's root
 * @throws Error where something is not in the cluster, as a Pod would wait for it
 */
export async function mountFiles(
  cluster: Cluster,
  namespace: string,
  workload: string,
  root: string,
): Promise<Mounted> {
  const { spec } = await cluster.get<Workload>('-n', namespace, workload);
  const { volumes, containers } = spec.template.spec;
  const [container] = containers;
  const volumeOf = new Map(volumes.map((volume) => [volume.name, volume]));
  const at = (path: string): string => join(root, path);
  for (const { name, mountPath, subPath } of container.volumeMounts) {
    const files = await filesOf(cluster, namespace, volumeOf.get(name));
    if (subPath === undefined) {
      mkdirSync(at(mountPath), { recursive: true });
      for (const [path, content] of files) writeFileSync(join(at(mountPath), path), content);
    } else {
      mkdirSync(dirname(at(mountPath)), { recursive: true });
      writeFileSync(at(mountPath), files.get(subPath) ?? Buffer.alloc(0));
    }
  }
  return { args: container.args, at };
}

/** Empty for what is written to: an emptyDir, or a claim, which has no entry in the template. */
async function filesOf(
  cluster: Cluster,
  namespace: string,
  volume: Volume | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  if (volume?.secret !== undefined) {
    const { secretName, items } = volume.secret;
    const { data } = await cluster.get<{ readonly data?: Readonly<Record<string, string>> }>(
      ...['-n', namespace, 'secret', secretName],
    );
    return chosen(data ?? {}, items, 'base64');
  }
  if (volume?.configMap !== undefined) {
    const { name, items } = volume.configMap;
    const { data } = await cluster.get<{ readonly data?: Readonly<Record<string, string>> }>(
      ...['-n', namespace, 'configmap', name],
    );
    return chosen(data ?? {}, items, 'utf8');
  }
  return new Map();
}

function chosen(
  data: Readonly<Record<string, string>>,
  items: readonly Item[] | undefined,
  encoding: 'base64' | 'utf8',
): ReadonlyMap<string, Buffer> {
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return new Map(
    wanted.map(({ key, path }) => {
      const content = data[key];
      if (content === undefined) throw new Error(`there is no key ${key}: the Pod would wait for it`);
      return [path, Buffer.from(content, encoding)];
    }),
  );
}
