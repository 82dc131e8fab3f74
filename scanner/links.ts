import { PratiqueError } from '../core/errors.ts';
import { unreadable } from './archive/tar-header.ts';
import { baseOf, joinPath, parentOf } from './archive/tar-path.ts';

interface Node {
  /** null: a folder above links. */
  target: string | null;
  children: Map<string, Node> | null;
}

/** Links that one path may pass while extracting (as in containerd and Docker). */
const mostLinks = 255;
/** Path components walked behind links, over a whole layer: no layer that is no attack comes near. */
const mostSteps = 20_000_000;

/** The symbolic links of one layer, as its extraction meets them one entry after the other. */
export class Links {
  readonly #root: Node = { target: null, children: null };
  #steps = 0;

  /**
   * Where extraction puts a clean path: links in the folders above it followed, within the root; its own name is
   * left as it is.
   * @throws PratiqueError `layer-unreadable` at a circle of links, `limit-exceeded`
   */
  place(path: string): string {
    if (this.#root.children === null) return path;
    const slash = path.lastIndexOf('/');
    if (slash < 0) return path;
    return joinPath(this.#follow(path.slice(0, slash)), path.slice(slash + 1));
  }

  /** What the link at a real path leads to; null when there is none. */
  target(path: string): string | null {
    return this.#find(path)?.target ?? null;
  }

  put(path: string, target: string): void {
    let node = this.#root;
    for (const part of path.split('/')) {
      node.children ??= new Map();
      const child = node.children.get(part) ?? { target: null, children: null };
      node.children.set(part, child);
      node = child;
    }
    node.target = target;
    node.children = null;
  }

  /** Something else comes to stand at a real path. A folder joins the folder that is there. */
  replace(path: string, byFolder: boolean): void {
    if (this.#root.children === null) return;
    const node = this.#find(path);
    if (node === null || (byFolder && node.target === null)) return;
    this.#find(parentOf(path))?.children?.delete(baseOf(path));
  }

  #find(path: string): Node | null {
    let node: Node | null = this.#root;
    if (path === '') return node;
    for (const part of path.split('/')) {
      node = node.children?.get(part) ?? null;
      if (node === null) return null;
    }
    return node;
  }

  #follow(folder: string): string {
    const parts = folder.split('/').reverse();
    const nodes: (Node | null)[] = [this.#root];
    const names: string[] = [];
    let followed = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (followed > 0) this.#step(folder);
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (names.pop() !== undefined) nodes.pop();
        continue;
      }
      const node = nodes.at(-1)?.children?.get(part) ?? null;
      if (node === null || node.target === null) {
        nodes.push(node);
        names.push(part);
        continue;
      }
      followed += 1;
      if (followed > mostLinks) throw unreadable(`the folder "${folder}" is a circle of symbolic links`);
      if (node.target.startsWith('/')) {
        nodes.length = 1;
        names.length = 0;
      }
      for (const step of node.target.split('/').reverse()) parts.push(step);
    }
    return names.join('/');
  }

  #step(folder: string): void {
    this.#steps += 1;
    if (this.#steps > mostSteps) {
      throw new PratiqueError('limit-exceeded', `too many links lead to each other, "${folder}" among them`, {
        limit: mostSteps,
      });
    }
  }
}
