import { Meter, tooCostly } from './expressions/meter.ts';

/** A meter that tells what an answer has cost, so that one that is remembered can be charged for again. */
export class CountingMeter extends Meter {
  /** Of all evaluations so far. */
  steps = 0;

  override spend(steps: number): void {
    this.steps += steps;
    super.spend(steps);
  }

  /** Charges for an evaluation that took so many steps elsewhere. @returns whether it may take them here too */
  affords(steps: number): boolean {
    this.start();
    try {
      if (steps > 0) this.spend(steps);
      return true;
    } catch (error) {
      if (error !== tooCostly) throw error;
      return false;
    }
  }
}
