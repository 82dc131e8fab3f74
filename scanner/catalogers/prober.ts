import type { FileFacts } from './cataloger.ts';

/** A look at one program while its bytes stream by. Memory is bounded, whatever the size of the file. */
export interface Probe {
  /** The next bytes, in order. They belong to the caller: what is kept has to be copied. Never throws. */
  take(bytes: Buffer): void;
  /** What it told; null: it is none of this kind. Called once, after the last byte. Never throws. */
  facts(): FileFacts | null;
}

/**
 * Finds packages in programs, which no path tells apart and which are too large to be held. Asked about every file
 * that begins as a program for some system (`programKind`). Pure; raise `version` with every change.
 */
export interface Prober {
  readonly name: string;
  readonly version: number;
  probe(path: string): Probe;
}
