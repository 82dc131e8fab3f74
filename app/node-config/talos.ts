import { stringify } from 'yaml';
import { comment, hostOf, type NodeFile, type NodeGround } from './node-file.ts';

/** Patches for Talos Linux (Talos, "Pull Through Image Cache"; reference of v1alpha1 Config and of RegistryMirrorConfig). */
export function talosFiles(ground: NodeGround): NodeFile[] {
  const { ca, proxy } = ground;
  const names = [...ground.upstreams.map(({ namespace }) => namespace), '*'];
  const why = comment(
    'skipFallback keeps Talos from asking the registry itself when the proxy refuses. "*" is every registry that is not',
    'named; the proxy refuses what it has no upstream for. Talos pulls its own images (installer, kubelet, etcd) the same',
    'way: the proxy has to have their registries (ghcr.io, registry.k8s.io), and allow them, before this is applied.',
  );
  const machine = {
    machine: {
      registries: {
        mirrors: Object.fromEntries(names.map((name) => [name, { endpoints: [proxy], skipFallback: true }])),
        ...(ca === null
          ? {}
          : { config: { [hostOf(ground)]: { tls: { ca: Buffer.from(ca).toString('base64') } } } }),
      },
    },
  };
  const documents: object[] = names.map((name) => ({
    apiVersion: 'v1alpha1',
    kind: 'RegistryMirrorConfig',
    name,
    endpoints: [{ url: proxy }],
    skipFallback: true,
  }));
  if (ca !== null)
    documents.push({ apiVersion: 'v1alpha1', kind: 'RegistryTLSConfig', name: hostOf(ground), ca });
  return [
    {
      path: '/pratique-machine.yaml',
      text: `${comment('Before Talos 1.12: talosctl patch machineconfig --patch @pratique-machine.yaml')}\n${why}\n${stringify(machine)}`,
    },
    {
      path: '/pratique-documents.yaml',
      text: `${comment('Talos 1.12 and later: talosctl patch machineconfig --patch @pratique-documents.yaml')}\n${why}\n${documents.map((document) => stringify(document)).join('---\n')}`,
    },
  ];
}
