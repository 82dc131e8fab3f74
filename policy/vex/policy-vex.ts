import type { VexDocument, VexStatement } from './statement.ts';

/** A key whose holder a policy believes about images. */
export interface VexKey {
  readonly name: string;
  /** The public key (SubjectPublicKeyInfo), PEM. */
  readonly pem: string;
  /** sha256 of its DER, hex. */
  readonly fingerprint: string;
  /** Patterns over canonical repository names, one of which every repository that holds the image has to fit; null: all images. */
  readonly repositories: readonly string[] | null;
}

/** What a policy says of VEX. Plain data. */
export interface PolicyVex {
  /** Those of its files, in their order. */
  readonly documents: readonly VexDocument[];
  /** Those that stand in the policy itself. */
  readonly statements: readonly VexStatement[];
  readonly keys: readonly VexKey[];
  /** Whether what is attached to images counts, where one of the keys has signed it. */
  readonly referrers: boolean;
}

/** Whether a policy wants to know what is attached to images: only then is anything fetched. */
export function wantsAttached({ vex }: { readonly vex?: PolicyVex }): boolean {
  return vex?.referrers === true && vex.keys.length > 0;
}
