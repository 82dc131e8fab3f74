import type { Digest } from '../../core/digest.ts';
import { parentOf } from '../archive/tar-path.ts';
import type { LayerEvent } from '../events.ts';
import type { LayerAnalysis } from '../layer.ts';
import type { Permission } from '../permissions.ts';

/** A mode of note that no later layer has taken away. */
export interface StandingPermission extends Permission {
  readonly kind: Exclude<Permission['kind'], 'none'>;
  /** null for a plain folder. */
  readonly layer: Digest | null;
}

/**
 * Modes as they stand after the last layer. A layer that replaces such a file by one that is no program, or of no note,
 * takes nothing away: rather a finding too many (ADR 0011).
 */
export function standingPermissions(
  layers: readonly { readonly digest: Digest | null; readonly analysis: LayerAnalysis }[],
): readonly StandingPermission[] {
  const standing = new Map<string, StandingPermission>();
  for (const { digest, analysis } of layers) {
    if (standing.size > 0) hide(standing, analysis.events);
    for (const { path, kind } of analysis.checks?.permissions ?? []) {
      standing.delete(path);
      if (kind !== 'none') standing.set(path, { path, kind, layer: digest });
    }
  }
  return [...standing.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function hide(standing: Map<string, StandingPermission>, events: readonly LayerEvent[]): void {
  /** What a layer puts in the place of something, or takes away. */
  const gone = new Set<string>();
  const opaque = new Set<string>();
  for (const { kind, path } of events) {
    if (kind === 'opaque') opaque.add(path);
    else if (kind !== 'owned' && kind !== 'diverted') gone.add(path);
  }
  for (const path of standing.keys()) {
    let hidden = gone.has(path);
    for (let above = parentOf(path); !hidden && above !== ''; above = parentOf(above)) {
      hidden = gone.has(above) || opaque.has(above);
    }
    if (hidden) standing.delete(path);
  }
}
