import type { Random } from '../support/random.ts';
import type { Input } from './target.ts';

const most = 1000;
const mostKnown = 100_000;

/** Inputs that are varied: the seeds, and whatever made the parser do something that it had not done yet. */
export class Corpus {
  readonly #inputs: Input[];
  readonly #known = new Set<string>();
  readonly #seeds: number;

  constructor(seeds: readonly Input[]) {
    this.#inputs = [...seeds];
    this.#seeds = seeds.length;
  }

  /** How many different things the parser has done. */
  get behaviours(): number {
    return this.#known.size;
  }

  pick(random: Random): Input {
    return random.pick(this.#inputs);
  }

  took(input: Input, behaviour: string, random: Random): void {
    if (this.#known.has(behaviour) || this.#known.size >= mostKnown) return;
    this.#known.add(behaviour);
    if (this.#inputs.length < most) this.#inputs.push(input);
    // The seeds stay; what was found makes room for what was found later.
    else this.#inputs[this.#seeds + random.below(most - this.#seeds)] = input;
  }
}
