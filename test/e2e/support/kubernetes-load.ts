import type { Cluster } from './kubernetes.ts';
import { images } from './kubernetes-gate.ts';
import { pod } from './kubernetes-objects.ts';

/** Objects in one run of kubectl, which sends them one after the other. */
const batch = 40;
const runs = 3;

export interface Load {
  /** Ends it; how many Pods were made, and each line of kubectl that says that one was not. */
  end(): Promise<{ readonly made: number; readonly lost: readonly string[] }>;
}

/** Has Pods made without a pause, by several at once, as users and controllers do. */
export function startLoad(cluster: Cluster): Load {
  let done = false;
  let made = 0;
  const lost: string[] = [];
  const send = async (): Promise<void> => {
    const metadata = { name: undefined, generateName: 'load-' };
    const items = Array.from({ length: batch }, () => pod(images.clean, { metadata }));
    while (!done) {
      const list = { apiVersion: 'v1', kind: 'List', items };
      const { out, err } = await cluster.kubectl(['create', '-f', '-'], list);
      made += out.split('\n').filter((line) => line.endsWith(' created')).length;
      lost.push(...err.split('\n').filter((line) => line !== ''));
    }
  };
  const sending = Promise.all(Array.from({ length: runs }, send));
  return {
    end: async () => {
      done = true;
      await sending;
      process.stdout.write(`${made} made, ${lost.length} lost\n`);
      return { made, lost };
    },
  };
}
