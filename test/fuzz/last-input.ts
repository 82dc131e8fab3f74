import { longestInput } from './mutate.ts';
import type { Input } from './target.ts';

const head = 16;
const longestPath = 1024;

/** The input that is being run, in memory that outlives the thread that runs it. */
export class LastInput {
  readonly #numbers: Int32Array;
  readonly #bytes: Buffer;

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(head + longestPath + longestInput);
  }

  constructor(shared: SharedArrayBuffer) {
    this.#numbers = new Int32Array(shared, 0, head / 4);
    this.#bytes = Buffer.from(shared, head);
  }

  put({ path, bytes }: Input, count: number): void {
    const length = this.#bytes.write(path, 0, longestPath);
    bytes.copy(this.#bytes, longestPath);
    this.#numbers[1] = length;
    this.#numbers[2] = bytes.length;
    Atomics.store(this.#numbers, 0, count);
  }

  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  get input(): Input {
    return {
      path: this.#bytes.toString('utf8', 0, this.#numbers[1]),
      bytes: Buffer.from(this.#bytes.subarray(longestPath, longestPath + (this.#numbers[2] ?? 0))),
    };
  }
}
