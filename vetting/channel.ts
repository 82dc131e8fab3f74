/**
 * Hands chunks from a writer to one reader without piling them up: `push` resolves when the reader has taken
 * the chunk. When the reader stops early, later chunks are dropped and `push` resolves at once, so that the
 * writer (a download that must still be verified) can finish.
 */
export class ByteChannel implements AsyncIterable<Uint8Array> {
  #slot: Uint8Array | null = null;
  #ended = false;
  #abandoned = false;
  #wakeReader: (() => void) | null = null;
  #wakeWriter: (() => void) | null = null;

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#abandoned || chunk.length === 0) return;
    this.#slot = chunk;
    this.#wakeReader?.();
    await new Promise<void>((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#slot !== null) {
          const chunk = this.#slot;
          this.#slot = null;
          yield chunk;
          this.#release();
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
          this.#wakeReader = null;
        }
      }
    } finally {
      this.#abandoned = true;
      this.#slot = null;
      this.#release();
    }
  }

  /** The reader failed before it took anything, or will not read on. */
  abandon(): void {
    this.#abandoned = true;
    this.#slot = null;
    this.#release();
  }

  #release(): void {
    const wake = this.#wakeWriter;
    this.#wakeWriter = null;
    wake?.();
  }
}
