import type { Digest } from '../core/digest.ts';
import { onlyIncomplete } from './catalogers/cataloger.ts';
import type { LayerEvent } from './events.ts';
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
      const facts =
        linked?.facts ??
        onlyIncomplete(event.path, `it is a hard link to ${event.target}, which was not read`);
      put(tree, event.path, layer, { cataloger: event.cataloger, facts, layer: digest });
      return;
    }
    case 'directory':
      tree.putDirectory(event.path, layer);
      return;
    case 'whiteout':
      tree.hide(event.path, layer, false);
      return;
    case 'opaque':
      tree.hide(event.path, layer, true);
      return;
  }
}

/** A file behind a circle of links is nowhere; it is told at the root, so that it is not lost. */
function put(tree: Tree, path: string, layer: number, content: Content): void {
  if (tree.putFile(path, layer, content)) return;
  const facts = onlyIncomplete(path, 'its folder is a circle of symbolic links');
  tree.putFile(`${layer} ${path.replaceAll('/', ' ')}`, layer, { ...content, facts });
}
