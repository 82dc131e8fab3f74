import type { Digest } from '../../core/digest.ts';
import type { VexJustification, VexStatus } from '../../core/vex.ts';
import type { Purl } from './purl.ts';

/** What a statement is about. */
export type VexProduct =
  | { readonly kind: 'package'; readonly purl: Purl }
  /** `packages`: those in it that are meant; empty: all. */
  | { readonly kind: 'image'; readonly image: VexImage; readonly packages: readonly Purl[] };

/** An image by its digest, or every image of a repository by its canonical name. */
export type VexImage = { readonly digest: Digest } | { readonly repository: string };

/** One word on one vulnerability. Plain data. */
export interface VexStatement {
  /** Upper case, each once, at least one. */
  readonly vulnerability: readonly string[];
  /** Those that can be told to be a package or an image; at least one. */
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  readonly justification: VexJustification | null;
  readonly impact: string | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly author: string;
  readonly document: string | null;
  readonly source: string;
}

/** A document that was read, with what of it was refused. */
export interface VexDocument {
  readonly source: string;
  readonly format: 'OpenVEX' | 'CSAF';
  readonly id: string;
  readonly author: string;
  readonly statements: readonly VexStatement[];
  /** Sentences, one for each statement or product that says nothing here, and why. */
  readonly refused: readonly string[];
}

/** Bounds of one document. Real ones have some hundred statements. */
export const vexLimits = {
  /** UTF-16 units. */
  characters: 4 * 1024 * 1024,
  statements: 20_000,
  /** Products of all statements together, subcomponents included. */
  products: 100_000,
  /** Names of one vulnerability. */
  names: 100,
  /** Levels of CSAF's product tree. */
  depth: 32,
  /** Sentences on what was refused. */
  refused: 100,
  /** Characters of a text that is kept. */
  text: 1000,
} as const;
