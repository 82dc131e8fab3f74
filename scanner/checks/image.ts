import type { Digest } from '../../core/digest.ts';
import type { ImageConfig } from '../../core/image.ts';
import type { ImageFacts, Inventory } from '../../core/inventory.ts';
import type { LayerAnalysis } from '../layer.ts';
import type { Owners } from '../ownership.ts';
import type { ScanSettings } from '../settings.ts';
import type { Tree } from '../tree.ts';
import { findChecks, uncheckedBy } from './index.ts';
import { standingPermissions } from './standing.ts';

/** What the checks say of an image whose layers were laid over each other, and which were not made. */
export function checked(image: {
  /** The lowest first. */
  readonly layers: readonly { readonly digest: Digest | null; readonly analysis: LayerAnalysis }[];
  readonly config: ImageConfig | null;
  readonly facts: ImageFacts | null;
  readonly tree: Tree;
  readonly owners: Owners;
  readonly settings: ScanSettings;
}): Pick<Inventory, 'checks' | 'unchecked'> {
  const { layers, config, facts, tree, owners, settings } = image;
  const told = layers.flatMap(({ digest, analysis: { checks } }) =>
    checks === undefined ? [] : [{ digest, checks }],
  );
  const ground = {
    ...{ facts, config, layers: told, owners },
    permissions: standingPermissions(layers),
    real: (path: string) => tree.read(path).linkedTo || path,
  };
  const unchecked = uncheckedBy(settings);
  const checks = findChecks(ground, settings.checksOff);
  return unchecked.length === 0 ? { checks } : { checks, unchecked };
}
