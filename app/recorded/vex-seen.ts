import type { AttachedVex } from '../../core/vex.ts';
import type { Policy } from '../../policy/policy.ts';
import type { JudgedImage } from '../../policy/vex/acquit.ts';
import { type IgnoredVex, weigh } from '../../policy/vex/attached.ts';

/** Which VEX was looked at for an image by one policy, and what of it did not count. */
export interface SeenVex {
  readonly documents: readonly {
    readonly source: string;
    readonly id: string;
    readonly author: string;
    readonly statements: number;
    readonly refused: readonly string[];
  }[];
  readonly ignored: readonly IgnoredVex[];
}

/** null: the policy says nothing of VEX. */
export function vexSeen(
  policy: Policy | undefined,
  attached: readonly AttachedVex[],
  image: JudgedImage,
): SeenVex | null {
  if (policy?.vex === undefined) return null;
  const { documents, ignored } = weigh(policy, attached, image);
  return {
    documents: [...policy.vex.documents, ...documents].map(({ source, id, author, statements, refused }) => ({
      ...{ source, id, author, refused },
      statements: statements.length,
    })),
    ignored,
  };
}
