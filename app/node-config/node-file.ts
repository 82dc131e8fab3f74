/** One file of a node, as it has to lie there. */
export interface NodeFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** What the files are made of. */
export interface NodeGround {
  /** Where nodes reach the registry port: an origin, such as `https://pratique.corp.example:5000`. */
  readonly proxy: string;
  /** PEM of the authority that has signed the proxy's certificate; null: one that nodes trust anyway, or HTTP. */
  readonly ca: string | null;
  readonly upstreams: readonly { readonly name: string; readonly namespace: string }[];
}

export const nodeKinds = ['containerd', 'crio', 'docker', 'k3s', 'talos'] as const;
export type NodeKind = (typeof nodeKinds)[number];

/** Where the authority lies on a node, for all that name it by its path. */
export const caPath = '/etc/pratique/ca.crt';

export function caFile({ ca }: NodeGround): NodeFile[] {
  return ca === null ? [] : [{ path: caPath, text: ca.endsWith('\n') ? ca : `${ca}\n` }];
}

export function hostOf({ proxy }: NodeGround): string {
  return new URL(proxy).host;
}

export function isPlain({ proxy }: NodeGround): boolean {
  return proxy.startsWith('http://');
}

/** Lines as comments that begin with `#`. */
export function comment(...lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n');
}
