/** What a reader of one database format comes upon: a package's header, or something that it could not read. */
export type Found = { readonly header: Buffer } | { readonly fault: string };

export function fault(why: string): Found {
  return { fault: why };
}

/** Which of `count` numbered pages were used: each belongs to one thing, so no walk goes in a circle. */
export class UsedPages {
  readonly #used: Uint8Array;

  constructor(count: number) {
    this.#used = new Uint8Array(count);
  }

  /** Takes a page; says why it cannot be had, or null. */
  take(page: number): string | null {
    if (page >= this.#used.length) return `page ${page} lies beyond the end of the file`;
    if (this.#used[page] === 1) return `page ${page} is used twice`;
    this.#used[page] = 1;
    return null;
  }

  has(page: number): boolean {
    return this.#used[page] === 1;
  }
}

/** What is read of a file is at most its size: where things overlap, someone wants it read over and over. */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** False: more was read than there is. */
  spend(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }
}

export const overlapping = 'its records overlap, so the rest is not read';
