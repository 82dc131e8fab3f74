import { systemPackageTypes } from '../core/inventory.ts';
import { baseOf } from './archive/tar-path.ts';
import type { Diversion, FileFacts, OwnedFiles } from './catalogers/cataloger.ts';
import type { LayerEvent } from './events.ts';

/** Characters of paths that are held until the layer is at its end. */
const mostHeld = 16 * 1024 ** 2;
/** Claims that are told of one layer, and their characters. */
const mostTold = 20_000;
const mostToldText = 2 * 1024 ** 2;
const mostDiversions = 2000;

/**
 * What the package databases of one layer say of owned files. Only a file of the same layer can be what the package brought
 * (ownership.ts), so of all that is listed no more is told than what the layer itself has.
 */
export class Claims {
  readonly #owned: (OwnedFiles & { readonly database: string })[] = [];
  readonly #diverted: Diversion[] = [];
  #held = 0;

  take(path: string, { owned = [], diverted = [] }: FileFacts): void {
    if (this.#diverted.length <= mostDiversions) this.#diverted.push(...diverted);
    for (const one of owned) {
      for (const { length } of one.paths) this.#held += length;
      // What is not known to be owned is a language's package, so leaving files out hides nothing.
      if (this.#held > mostHeld) return;
      this.#owned.push({ ...one, database: one.database ?? path });
    }
  }

  /**
   * @param told of the whole layer
   * @param others names of further files of which it matters whose they are
   * @param room events that may be added
   */
  events(told: readonly LayerEvent[], others: readonly string[], room: number): readonly LayerEvent[] {
    if (this.#diverted.length > Math.min(mostDiversions, room))
      return [{ kind: 'diverted', path: '', by: null }];
    const events: LayerEvent[] = this.#diverted.map((one) => ({ kind: 'diverted', ...one }));
    if (this.#owned.length === 0) return events;
    const bases = new Set(told.flatMap((event) => (holdsPackages(event) ? [baseOf(event.path)] : [])));
    for (const base of others) bases.add(base);
    const most = Math.min(mostTold, room) - events.length;
    let count = 0;
    let text = 0;
    for (const { by, database, paths } of this.#owned) {
      for (const path of paths) {
        // Folders above may be links of lower layers, so that more than the base name cannot be compared here.
        if (!bases.has(baseOf(path))) continue;
        count += 1;
        text += path.length + database.length;
        if (count > most || text > mostToldText) return events;
        events.push({ kind: 'owned', path, by, database });
      }
    }
    return events;
  }
}

/** Whether it can turn out to be a language's package. */
function holdsPackages(event: LayerEvent): boolean {
  if (event.kind === 'hardlink' || event.kind === 'program-link') return true;
  return event.kind === 'file' && event.facts.packages.some(({ type }) => !systemPackageTypes.has(type));
}
