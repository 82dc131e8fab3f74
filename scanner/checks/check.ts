import type { Check, CheckId } from '../../core/check.ts';
import type { Digest } from '../../core/digest.ts';
import type { ImageConfig } from '../../core/image.ts';
import type { ImageFacts } from '../../core/inventory.ts';
import type { LayerChecks } from '../looks.ts';
import type { Owners } from '../ownership.ts';
import type { StandingPermission } from './standing.ts';

/** Everything that checks look at. */
export interface CheckGround {
  /** null: the image has no config, or it could not be read. */
  readonly facts: ImageFacts | null;
  /** What of the config is not kept: only whether something was found in it is. */
  readonly config: Pick<ImageConfig, 'env' | 'history'> | null;
  /** The lowest first; a layer in which nothing was found is left out. */
  readonly layers: readonly { readonly digest: Digest | null; readonly checks: LayerChecks }[];
  /** Modes as they stand after the last layer. */
  readonly permissions: readonly StandingPermission[];
  readonly owners: Pick<Owners, 'of'>;
  /** Where a path leads, links of the image followed. */
  readonly real: (path: string) => string;
}

export type Found = Omit<Check, 'id'>;

/** Looks for one thing that a policy may mind. Pure; raise `version` with every change. */
export interface CheckOf {
  readonly id: CheckId;
  readonly version: number;
  /** Never throws, whatever the image says. No sentence holds a secret. */
  find(ground: CheckGround): readonly Found[];
}

/** A check of the config alone: what was found, one sentence; null: nothing. */
export function ofFacts(find: (facts: ImageFacts) => string | null): CheckOf['find'] {
  return ({ facts }) => {
    const detail = facts === null ? null : find(facts);
    return detail === null ? [] : [{ detail }];
  };
}

/** A file with where it comes from. */
export function place(path: string, layer: Digest | null): Pick<Found, 'path' | 'layer'> {
  return layer === null ? { path } : { path, layer };
}
