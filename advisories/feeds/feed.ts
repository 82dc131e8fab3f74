import type { Advisory } from '../../core/ports/advisories.ts';

/** One thing that a feed says. What cannot be read is `rejected`, counted and named, and never left out silently. */
export type FeedRecord =
  | { readonly kind: 'advisory'; readonly advisory: Advisory }
  | { readonly kind: 'withdrawn'; readonly id: string }
  | { readonly kind: 'rejected'; readonly name: string; readonly why: string }
  | { readonly kind: 'exploited'; readonly id: string; readonly addedAt: string | null }
  /** `score`: 0 to 1. */
  | { readonly kind: 'epss'; readonly id: string; readonly score: number }
  /** `os`, `release`: as os-release(5) has ID and VERSION_ID (`12`, `22.04`, `3.19`); `endsAt`: first day without support. */
  | { readonly kind: 'end-of-life'; readonly os: string; readonly release: string; readonly endsAt: string };

/** A file of a feed as its publisher has it. */
export interface RemoteFile {
  /** Below the feed's folder in a mirror, plain names with `/` between them: `v3.19/main.json`. */
  readonly path: string;
  readonly url: string;
  /** True: that it is not there (404) is no failure; a release that is to come has no file yet. */
  readonly optional?: true;
}

/** A file of a feed on disk, ready to be read. */
export interface LocalFile {
  /** As in `RemoteFile`. */
  readonly path: string;
  readonly file: string;
}

/** Gets a small text (1 MiB at most), for feeds whose files have to be looked up first. @throws PratiqueError `upstream-…` */
export type Ask = (url: string) => Promise<string>;

/** A source of advisories that is read as a whole. Fetching is apart from reading, so that readers are tested on files. */
export interface FeedDefinition {
  /** `debian-tracker`; its folder in a mirror has the same name. */
  readonly name: string;
  readonly publisher: string;
  /** SPDX expression where there is one, else a few words. */
  readonly licence: string;
  /** Where the publisher has its files today. */
  remote(ask: Ask): Promise<readonly RemoteFile[]>;
  /**
   * Everything in it. Memory does not grow with the files; one broken record is `rejected`, a file that is none of this
   * feed's ends the reading.
   * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`; the message names the file and what was found
   */
  read(files: readonly LocalFile[]): AsyncIterable<FeedRecord>;
}
