import type { JudgedImage } from './source.ts';
import { nameOf } from './standing.ts';

const mostNamed = 5;

/** Images of which a report that reads findings cannot tell everything. */
export class Gaps {
  readonly #unrecorded: string[] = [];
  readonly #uncovered: string[] = [];
  #unrecordedCount = 0;
  #uncoveredCount = 0;

  unrecorded(image: JudgedImage): void {
    this.#unrecordedCount += 1;
    if (this.#unrecorded.length < mostNamed) this.#unrecorded.push(nameOf(image));
  }

  /** Counts the image where advisories do not speak of something in it. */
  lookAt(image: JudgedImage): void {
    if (image.verdicts.every(({ verdict }) => verdict.coverage.every(({ covered }) => covered))) return;
    this.#uncoveredCount += 1;
    if (this.#uncovered.length < mostNamed) this.#uncovered.push(nameOf(image));
  }

  /** Sentences. */
  get incomplete(): readonly string[] {
    const some = (count: number, names: readonly string[]): string =>
      `${count} ${count === 1 ? 'image' : 'images'} (${names.join(', ')}${count > names.length ? ', …' : ''})`;
    return [
      ...(this.#unrecordedCount === 0
        ? []
        : [
            `findings are not recorded by now of ${some(this.#unrecordedCount, this.#unrecorded)}: only what their verdicts name is told`,
          ]),
      ...(this.#uncoveredCount === 0
        ? []
        : [`no advisories cover something in ${some(this.#uncoveredCount, this.#uncovered)}`]),
    ];
  }
}
