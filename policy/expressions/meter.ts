/** Steps of one evaluation; a step is one node of an expression, about 0.1 microseconds. */
export const mostStepsAtOnce = 200_000;
/** Steps of all expressions of a policy over one image. */
export const mostSteps = 4_000_000;

/** An expression that takes more steps than it may. */
class TooCostly extends Error {}
/** One for all: a stack trace costs more than the steps that it ends. */
export const tooCostly: Error = new TooCostly('an expression takes too many steps');

/**
 * Counts what expressions cost. It counts steps and no time, so that the same image gets the same verdict on every
 * machine.
 */
export class Meter {
  #total = 0;
  #limit = 0;
  exceeded = false;

  /** An evaluation begins. */
  start(): void {
    this.exceeded = false;
    this.#limit = Math.min(mostSteps, this.#total + mostStepsAtOnce);
  }

  /** @throws TooCostly, again and again once it was thrown, because CEL's `||` and `exists` swallow errors. */
  spend(steps: number): void {
    this.#total += steps;
    if (this.#total <= this.#limit) return;
    this.exceeded = true;
    throw tooCostly;
  }

  /** Why the last evaluation was given up. */
  get reason(): string {
    return this.#total > mostSteps
      ? `the expressions of this policy take more than ${mostSteps} steps together`
      : `its expression takes more than ${mostStepsAtOnce} steps`;
  }
}
