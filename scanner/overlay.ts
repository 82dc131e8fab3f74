import type { Digest } from '../core/digest.ts';
import { type FileFacts, noFacts, onlyIncomplete } from './catalogers/cataloger.ts';
import { noteOf } from './catalogers/index.ts';
import type { LayerEvent } from './events.ts';
import { programs } from './programs.ts';
import { type Content, Tree } from './tree.ts';

export interface OverlaidLayer {
  readonly digest: Digest | null;
  readonly events: readonly LayerEvent[];
}

/** Lays layers over each other as a runtime does: in order, whiteouts hiding what is below (OCI image spec, layer). */
export function overlay(layers: readonly OverlaidLayer[]): Tree {
  const tree = new Tree();
  layers.forEach((layer, index) => {
    for (const event of layer.events) apply(tree, event, index, layer.digest);
  });
  return tree;
}

function apply(tree: Tree, event: LayerEvent, layer: number, digest: Digest | null): void {
  switch (event.kind) {
    case 'file':
      put(tree, event.path, layer, { cataloger: event.cataloger, facts: event.facts, layer: digest });
      return;
    case 'trace':
      put(tree, event.path, layer, { cataloger: event.cataloger, facts: null, layer: digest });
      return;
    case 'symlink':
      tree.putLink(event.path, layer, event.target);
      return;
    case 'hardlink': {
      const linked = tree.read(event.target).contents.at(-1);
      if (linked !== undefined && holdsProgram(linked) && noteOf(event.path)?.candidate === true) {
        put(tree, event.path, layer, { ...linked, cataloger: programs, layer: digest });
        return;
      }
      const noted = noteOf(event.path);
      // That it is there says enough, whatever it is a link to.
      if (noted?.interest.kind === 'presence') {
        const facts = noted.cataloger.parse(event.path, Buffer.alloc(0));
        put(tree, event.path, layer, { cataloger: event.cataloger, facts, layer: digest });
        return;
      }
      const read = linked?.cataloger === event.cataloger ? linked.facts : null;
      const facts = read ?? unreadLink(event.path, event.target);
      put(tree, event.path, layer, { cataloger: event.cataloger, facts, layer: digest });
      return;
    }
    case 'program':
      tree.clearFile(event.path, layer);
      return;
    case 'program-link': {
      const linked = tree.read(event.target).contents.at(-1);
      if (linked !== undefined && holdsProgram(linked))
        put(tree, event.path, layer, { ...linked, cataloger: programs, layer: digest });
      else tree.clearFile(event.path, layer);
      return;
    }
    // Whose a file is, is no matter of what is there (ownership.ts).
    case 'owned':
    case 'diverted':
      return;
    case 'whiteout':
      tree.hide(event.path, layer, false);
      return;
    case 'opaque':
      tree.hide(event.path, layer, true);
      return;
  }
}

function unreadLink(path: string, target: string): FileFacts {
  if (noteOf(path)?.interest.kind === 'optional') return noFacts;
  return onlyIncomplete(path, `it is a hard link to ${target}, which was not read`);
}

/** Whether a prober told something of it, be it under a name that a cataloger reads too. */
function holdsProgram({ cataloger, facts }: Content): boolean {
  return cataloger === programs || facts?.program === true;
}

/**
 * With overlayfs a folder of an upper layer replaces a lower layer's link; where a runtime unpacks all layers into
 * one folder (btrfs, zfs, native) it writes through the link. Neither is certain, so that is said.
 */
function put(tree: Tree, path: string, layer: number, content: Content): void {
  const link = tree.putFile(path, layer, content);
  if (link === null || content.facts === null) return;
  const why = `it was written below ${link}, a symbolic link of a lower layer: runtimes differ in where it goes`;
  const facts: FileFacts = {
    ...content.facts,
    incomplete: [...content.facts.incomplete, { what: path, why }],
  };
  tree.putFile(path, layer, { ...content, facts });
}
