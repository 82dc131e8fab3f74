/** Registries that are known without a configuration file. Docker Hub's API lives on a host of its own. */
export const defaultUpstreams: readonly { readonly name: string; readonly url: string }[] = [
  { name: 'docker.io', url: 'https://registry-1.docker.io' },
  { name: 'ghcr.io', url: 'https://ghcr.io' },
  { name: 'quay.io', url: 'https://quay.io' },
  { name: 'registry.k8s.io', url: 'https://registry.k8s.io' },
  { name: 'gcr.io', url: 'https://gcr.io' },
  { name: 'public.ecr.aws', url: 'https://public.ecr.aws' },
  { name: 'mcr.microsoft.com', url: 'https://mcr.microsoft.com' },
];

export const defaultData = './pratique-data';
