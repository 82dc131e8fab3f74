import type { Digest } from '../core/digest.ts';
import { baseOf, joinPath, parentOf } from './archive/tar-path.ts';
import type { FileFacts } from './catalogers/cataloger.ts';

/** What one layer had at a path. */
export interface Content {
  readonly cataloger: string;
  /** null: the file only shows that a database must have been there. */
  readonly facts: FileFacts | null;
  readonly layer: Digest | null;
}

/** What stands at a path, links followed. */
export interface Reading {
  readonly contents: readonly Content[];
  /** Where links have led, whether or not something is known there; null: there were none. A circle: empty. */
  readonly linkedTo: string | null;
}

interface Node {
  readonly children: Map<string, Node>;
  /** Index of the layer that wrote it last, -1 for a mere folder; whiteouts hide only what is from below. */
  layer: number;
  /** The last layer that has hidden what is below: once per layer is enough. */
  hiddenBy: number;
  link: string | null;
  /** Every version of this file that is not hidden, the lowest layer's first; the last one counts. */
  contents: Content[];
}

/** Symbolic links followed before a path is taken for a circle (as in Linux). */
const mostLinks = 40;
/** Path components walked behind links, over a whole image: no image that is no attack comes near. */
const mostSteps = 20_000_000;

/**
 * The part of a root filesystem that matters: files of note, links, and the folders between. Layers are laid over
 * each other as overlayfs does it: what a layer has below a name makes that name a folder, also where lower
 * layers have a link.
 */
export class Tree {
  readonly #root: Node = newNode();
  #steps = 0;

  /** Puts a file in its place. Returns the folder above it that was a lower layer's link, if there is one. */
  putFile(path: string, layer: number, content: Content): string | null {
    const { node, shadowed } = this.#make(path, layer);
    if (node.link !== null) node.contents = [];
    // Within one layer the last entry of a name is the file; across layers the history is kept.
    if (node.layer === layer) node.contents.pop();
    node.link = null;
    node.layer = layer;
    node.contents.push(content);
    return shadowed;
  }

  /** Something that is of no note takes the place of a file. Nothing is done where folders above are links. */
  clearFile(path: string, layer: number): void {
    let node: Node | undefined = this.#root;
    for (const part of path.split('/')) {
      if (node.link !== null) return;
      node = node.children.get(part);
      if (node === undefined) return;
    }
    node.contents = [];
    node.link = null;
    node.layer = layer;
  }

  putLink(path: string, layer: number, target: string): void {
    if (path === '') return;
    const { node } = this.#make(path, layer);
    node.link = target;
    node.layer = layer;
    node.contents = [];
    // Extraction removes whatever stood at this name.
    node.children.clear();
  }

  /** Removes what lower layers have at and below a path; `keepFolder`: only what they have below it. */
  hide(path: string, layer: number, keepFolder: boolean): void {
    let node: Node | undefined = this.#root;
    for (const part of path === '' ? [] : path.split('/')) node = node?.children.get(part);
    if (node === undefined) return;
    if (!keepFolder) clear(node, layer);
    const waiting: Node[] = [node];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.hiddenBy === layer) continue;
      next.hiddenBy = layer;
      for (const child of next.children.values()) {
        clear(child, layer);
        waiting.push(child);
      }
    }
  }

  /** Whether links lead over so many others that not all were followed: then they lead nowhere. */
  get gaveUp(): boolean {
    return this.#steps > mostSteps;
  }

  /** The contents at a path, links followed. */
  read(path: string): Reading {
    const { node, linkedTo } = this.#walk(path);
    return { contents: node?.contents ?? [], linkedTo };
  }

  /** Whether a folder beside a file, which is at a real path, holds a file of note or is a link. */
  hasFoldersBeside(path: string): boolean {
    const beside = this.#walk(parentOf(path)).node?.children.values() ?? [];
    for (const { link, children } of beside) {
      if (link !== null) return true;
      for (const child of children.values())
        if (child.contents.length > 0 || child.link !== null) return true;
    }
    return false;
  }

  /** Whether the last name of a path is a link; those of the folders above are followed. */
  isLink(path: string): boolean {
    const node = this.#walk(parentOf(path)).node?.children.get(baseOf(path));
    return node !== undefined && node.link !== null;
  }

  /** Every file, by path. */
  *files(): Generator<{ readonly path: string; readonly contents: readonly Content[] }> {
    for (const { path, node } of this.#all())
      if (node.contents.length > 0) yield { path, contents: node.contents };
  }

  /** The path of every link. */
  *links(): Generator<string> {
    for (const { path, node } of this.#all()) if (node.link !== null) yield path;
  }

  *#all(): Generator<{ readonly path: string; readonly node: Node }> {
    const waiting: { readonly path: string; readonly node: Node }[] = [{ path: '', node: this.#root }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      yield next;
      for (const [name, node] of next.node.children) waiting.push({ path: joinPath(next.path, name), node });
    }
  }

  #make(path: string, layer: number): { readonly node: Node; readonly shadowed: string | null } {
    let node = this.#root;
    let shadowed: string | null = null;
    let end = 0;
    for (const part of path.split('/')) {
      if (node.link !== null) {
        if (node.layer < layer) shadowed = path.slice(0, end - 1);
        node.link = null;
        node.layer = layer;
      }
      end += part.length + 1;
      const child = node.children.get(part) ?? newNode();
      node.children.set(part, child);
      node = child;
    }
    return { node, shadowed };
  }

  #walk(path: string): { readonly node: Node | null; readonly linkedTo: string | null } {
    const parts = path.split('/').reverse();
    const trail: (Node | null)[] = [this.#root];
    const names: string[] = [];
    let followed = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (names.pop() !== undefined) trail.pop();
        continue;
      }
      const child = trail.at(-1)?.children.get(part) ?? null;
      if (child === null || child.link === null) {
        trail.push(child);
        names.push(part);
        continue;
      }
      followed += 1;
      if (followed > mostLinks || this.gaveUp) return { node: null, linkedTo: '' };
      const steps = child.link.split('/').reverse();
      this.#steps += steps.length;
      if (child.link.startsWith('/')) {
        trail.length = 1;
        names.length = 0;
      }
      for (const step of steps) parts.push(step);
    }
    return { node: trail.at(-1) ?? null, linkedTo: followed > 0 ? names.join('/') : null };
  }
}

function clear(node: Node, layer: number): void {
  if (node.layer >= layer) return;
  node.contents = [];
  node.link = null;
}

function newNode(): Node {
  return { children: new Map(), layer: -1, hiddenBy: -1, link: null, contents: [] };
}
