/** Places that act on a verdict. All ask the same predicate; bindings tell them apart. */
export const gateNames = ['proxy', 'admission', 'harbor', 'ci', 'runtime'] as const;
export type GateName = (typeof gateNames)[number];

export type Labels = Readonly<Record<string, string>>;

/** Who asks, from where: everything that a binding or a context rule may look at. */
export interface AskContext {
  readonly gate: GateName;
  /** Name of the cluster as the configuration gives it; null outside one. */
  readonly cluster: string | null;
  readonly namespace: string | null;
  /** null: they could not be read, so a binding that names them cannot be decided. */
  readonly namespaceLabels: Labels | null;
  /** Of the Pod or its template. Whoever writes the object chooses them, so they can only make things stricter. */
  readonly workloadLabels: Labels;
  /** `namespace/name`; null where none is named. */
  readonly serviceAccount: string | null;
  /** null: nobody has logged in. */
  readonly user: string | null;
  readonly groups: readonly string[];
  /** Who counts as having set a vetting going; left out: a gate that nobody can ask at will. */
  readonly puller?: string;
}

/** The image that is asked for, by the name it is asked by. */
export interface AskedImage {
  /** Name of the configured upstream; null for a registry that is not known here, and for what has no registry. */
  readonly upstream: string | null;
  /** `docker.io/library/nginx`; null for a target without a registry (`oci:DIR`, `rootfs:DIR`). */
  readonly repository: string | null;
}

/** What a gate without any context of its own asks with. */
export function plainContext(gate: GateName): AskContext {
  return {
    gate,
    cluster: null,
    namespace: null,
    namespaceLabels: {},
    workloadLabels: {},
    serviceAccount: null,
    user: null,
    groups: [],
  };
}

/**
 * `enforce` refuses; `warn` lets through and says so to whoever asks; `audit` lets through and records alone; `off` lets
 * through without a look.
 */
export const modes = ['enforce', 'warn', 'audit', 'off'] as const;
export type Mode = (typeof modes)[number];
