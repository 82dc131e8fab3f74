import type { Digest } from '../core/digest.ts';
import type { FileFacts } from './catalogers/cataloger.ts';

/** What one layer had at a path. */
export interface Content {
  readonly cataloger: string;
  /** null: the file only shows that a database must have been there. */
  readonly facts: FileFacts | null;
  readonly layer: Digest | null;
}

interface Node {
  readonly children: Map<string, Node>;
  /** Index of the layer that wrote it last; whiteouts hide only what is from below. */
  layer: number;
  /** The last layer that has hidden everything at and below: once per layer is enough. */
  hiddenBy: number;
  /** The same for what is below alone. */
  emptiedBy: number;
  link: string | null;
  /** Every version of this file that is not hidden, the lowest layer's first; the last one counts. */
  contents: Content[];
}

/** Symbolic links followed before a path is taken for a circle (as in Linux). */
const mostLinks = 40;

/** The part of a root filesystem that matters: files of note, links, and the folders between. */
export class Tree {
  readonly #root: Node = newNode(-1);

  /** Puts a file where extraction would put it: through the links of its parent folders. */
  putFile(path: string, layer: number, content: Content): boolean {
    const node = this.#place(path, layer);
    if (node === null) return false;
    if (node.link !== null) node.contents = [];
    node.link = null;
    node.layer = layer;
    // Within one layer the last entry of a name is the file; across layers the history is kept.
    if (node.contents.at(-1)?.layer === content.layer) node.contents.pop();
    node.contents.push(content);
    return true;
  }

  putLink(path: string, layer: number, target: string): void {
    const node = this.#place(path, layer);
    if (node === null) return;
    node.link = target;
    node.layer = layer;
    node.contents = [];
    // Extraction removes whatever stood at this name.
    node.children.clear();
  }

  /** A real folder at this path: a link that stood here is gone. */
  putDirectory(path: string, layer: number): void {
    const node = this.#place(path, layer);
    if (node === null || node.link === null) return;
    node.link = null;
    node.layer = layer;
  }

  /** Removes what lower layers have at and below a path. */
  hide(path: string, layer: number, keepFolder: boolean): void {
    const node = this.#find(path, layer);
    if (node === null) return;
    const waiting: { readonly node: Node; readonly top: boolean }[] = [{ node, top: true }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.node.layer < layer && !(next.top && keepFolder)) {
        next.node.contents = [];
        next.node.link = null;
      }
      if (next.node.hiddenBy === layer || next.node.emptiedBy === layer) continue;
      next.node.emptiedBy = layer;
      if (!next.top || !keepFolder) next.node.hiddenBy = layer;
      for (const child of next.node.children.values()) waiting.push({ node: child, top: false });
    }
  }

  /**
   * The contents at a path, links followed. `linkedTo`: where links have led, whether or not something is known
   * there; null when the path has none. A circle of links leads to the empty path.
   */
  read(path: string): { readonly contents: readonly Content[]; readonly linkedTo: string | null } {
    const { node, linkedTo } = this.#walk(path, null);
    return { contents: node?.contents ?? [], linkedTo };
  }

  /** Every symbolic link, by path. */
  *links(): Generator<string> {
    for (const { path, node } of this.#nodes()) if (node.link !== null) yield path;
  }

  /** Every file, by path. */
  *files(): Generator<{ readonly path: string; readonly contents: readonly Content[] }> {
    for (const { path, node } of this.#nodes()) {
      if (node.contents.length > 0) yield { path, contents: node.contents };
    }
  }

  *#nodes(): Generator<{ readonly path: string; readonly node: Node }> {
    const waiting: { readonly path: string; readonly node: Node }[] = [{ path: '', node: this.#root }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      yield next;
      for (const [name, child] of next.node.children) {
        waiting.push({ path: next.path === '' ? name : `${next.path}/${name}`, node: child });
      }
    }
  }

  /** The node of a path whose parents' links are followed (its own is not), made where it is missing. */
  #place(path: string, layer: number): Node | null {
    const { parent, name } = split(path);
    const folder = name === '' ? null : this.#walk(parent, layer).node;
    return folder === null ? null : childOf(folder, name, layer);
  }

  /**
   * As `#place`, without making anything. Only links of the same layer are followed: where a layer is unpacked on
   * its own (overlayfs), a whiteout behind a lower layer's link hides nothing, and to hide too little is the safe side.
   */
  #find(path: string, layer: number): Node | null {
    const { parent, name } = split(path);
    const folder = this.#walk(parent, null, layer).node;
    return name === '' ? folder : (folder?.children.get(name) ?? null);
  }

  /** Follows a path with all its links. `make`: the layer for which missing folders are made; null: none are. */
  #walk(
    path: string,
    make: number | null,
    linksOf: number | null = null,
  ): { readonly node: Node | null; readonly linkedTo: string | null } {
    const parts = path.split('/').reverse();
    const trail: Node[] = [this.#root];
    const names: string[] = [];
    let followed = 0;
    let missing = false;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (trail.length > 1) trail.pop();
        names.pop();
        continue;
      }
      const folder = trail.at(-1) ?? this.#root;
      const child = missing
        ? undefined
        : make === null
          ? folder.children.get(part)
          : childOf(folder, part, make);
      if (child === undefined) {
        // The rest is only spelled out, to tell where links have led.
        missing = true;
        names.push(part);
      } else if (child.link === null) {
        trail.push(child);
        names.push(part);
      } else {
        followed += 1;
        const foreign = linksOf !== null && child.layer !== linksOf;
        if (foreign || followed > mostLinks) return { node: null, linkedTo: '' };
        if (child.link.startsWith('/')) {
          trail.length = 1;
          names.length = 0;
        }
        for (const step of child.link.split('/').reverse()) parts.push(step);
      }
    }
    return {
      node: missing ? null : (trail.at(-1) ?? null),
      linkedTo: followed > 0 ? names.join('/') : null,
    };
  }
}

function split(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return slash < 0
    ? { parent: '', name: path }
    : { parent: path.slice(0, slash), name: path.slice(slash + 1) };
}

function childOf(parent: Node, name: string, layer: number): Node {
  const known = parent.children.get(name);
  if (known !== undefined) return known;
  const child = newNode(layer);
  parent.children.set(name, child);
  return child;
}

function newNode(layer: number): Node {
  return { children: new Map(), layer, hiddenBy: -1, emptiedBy: -1, link: null, contents: [] };
}
