/** Bytes that may wait for the disk; more means that the disk is slower than the network. */
const longestQueue = 16 * 1024 ** 2;

/**
 * A second reader of bytes that pass by. It never holds the first one up: what it cannot keep pace with it gives up,
 * and its reader fails.
 */
export class Tee implements AsyncIterable<Uint8Array> {
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  write(chunk: Uint8Array): void {
    // Nobody reads behind the end, so nothing may gather there.
    if (this.#failure !== null || this.#ended) return;
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued > longestQueue)
      this.fail(new Error(`more than ${longestQueue} bytes wait for the disk`));
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#chunks = [];
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#queued -= chunk.length;
        yield chunk;
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }
}
