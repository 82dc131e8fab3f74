import { join } from 'node:path';
import { startContainerd } from '../containerd.ts';
import { localName, type Place, type RegistryClient } from './client.ts';

export interface ContainerdKind {
  /** `ctr`, or the Container Runtime Interface, as the kubelet. */
  readonly by: 'ctr' | 'cri';
  /** Folder of the programs; null: those on the path. */
  readonly programs: string | null;
}

/**
 * containerd in its mirror form: an image of the upstream is asked for by the upstream's own name, and the proxy gets
 * `?ns=`. Hosted images are the proxy's own.
 * @param upstream alias and namespace of the upstream
 */
export async function startContainerdClient(
  place: Place,
  upstream: { readonly name: string; readonly namespace: string },
  { by, programs }: ContainerdKind,
): Promise<RegistryClient> {
  const { dir, port, images } = place;
  const proxy = `127.0.0.1:${port}`;
  const containerd = await startContainerd(join(dir, 'c'), upstream.namespace, `http://${proxy}`, {
    programs,
    cri: by === 'cri',
  });
  const at = (image: string): string =>
    image.startsWith(`${upstream.name}/`)
      ? `${upstream.namespace}${image.slice(upstream.name.length)}`
      : `${proxy}/${image}`;
  return {
    pull: (image) => (by === 'cri' ? containerd.cri.pull(at(image)) : containerd.pull(at(image))),
    push: async (local, image, login) => {
      const { code, err } = await containerd.load(await images.archive(local));
      if (code !== 0) throw new Error(`loading ${local} ended with ${code}: ${err}`);
      return containerd.push(localName(local), `${proxy}/${image}`, login);
    },
    holds: (image) => containerd.holds(at(image), by === 'cri' ? 'kubelet' : 'ctr'),
    stop: () => containerd.stop(),
  };
}
