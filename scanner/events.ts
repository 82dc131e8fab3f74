import type { FileFacts } from './catalogers/cataloger.ts';

/**
 * Something in a layer that decides what an image contains. Paths are clean and real: links of the same layer in
 * the folders above are followed, so that they say where extraction puts the thing.
 */
export type LayerEvent =
  /** A file of note and what it told. */
  | { readonly kind: 'file'; readonly path: string; readonly cataloger: string; readonly facts: FileFacts }
  /** A file that shows that the cataloger's database must have been there. */
  | { readonly kind: 'trace'; readonly path: string; readonly cataloger: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** A hard link at a path of note. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly target: string; readonly cataloger: string }
  /** A program that holds nothing of note: it takes the place of what stood there. */
  | { readonly kind: 'program'; readonly path: string }
  /** A hard link to what may be a program of note. */
  | { readonly kind: 'program-link'; readonly path: string; readonly target: string }
  /**
   * By a list in this layer the package `by` (null: the only one) of `database` owns the file at `path`, a clean path
   * as the list has it. Only for files that this layer brought.
   */
  | {
      readonly kind: 'owned';
      readonly path: string;
      readonly by: string | null;
      readonly database: string;
    }
  /** What packages other than `by` have at `path` lies elsewhere; an empty path: any file may. */
  | { readonly kind: 'diverted'; readonly path: string; readonly by: string | null }
  | { readonly kind: 'whiteout'; readonly path: string }
  | { readonly kind: 'opaque'; readonly path: string };
