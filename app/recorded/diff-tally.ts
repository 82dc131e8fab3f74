import { worstStatus } from '../../core/verdict.ts';
import { type DiffCounts, type DiffRow, type PolicyDiff, stepText } from '../report/policy-diff-report.ts';

/** Counts every change, and keeps the rows that matter most: running ones, then what would be refused. */
export class DiffTally {
  readonly #limit: number;
  #rows: DiffRow[] = [];
  #total = 0;
  readonly #steps = new Map<string, number>();
  readonly #counts = {
    images: 0,
    running: 0,
    changed: 0,
    changedRunning: 0,
    newlyRefused: 0,
    newlyAllowed: 0,
    unknown: 0,
  };

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param rows of one image; none: nothing changes for it */
  add(running: boolean, rows: readonly DiffRow[]): void {
    const counts = this.#counts;
    counts.images += 1;
    if (running) counts.running += 1;
    if (rows.length === 0) return;
    counts.changed += 1;
    if (rows.some((row) => row.running.length > 0)) counts.changedRunning += 1;
    if (rows.some(isRefusal)) counts.newlyRefused += 1;
    if (rows.some(isRelease)) counts.newlyAllowed += 1;
    for (const step of new Set(rows.map(({ from, to }) => stepText(from, to))))
      this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
    this.#rows.push(...rows);
    this.#total += rows.length;
    if (this.#rows.length > 2 * this.#limit + 1000) this.#cut();
  }

  /** Images of which nothing can be foretold. */
  addUnknown(images: number): void {
    this.#counts.unknown += images;
  }

  result(): Pick<PolicyDiff, 'rows' | 'more' | 'counts'> {
    this.#cut();
    const steps = [...this.#steps].map(([step, images]) => ({ step, images }));
    const counts: DiffCounts = {
      ...this.#counts,
      steps: steps.sort((a, b) => b.images - a.images || (a.step < b.step ? -1 : 1)),
    };
    return { rows: this.#rows, more: this.#total - this.#rows.length, counts };
  }

  #cut(): void {
    this.#rows = this.#rows.sort(inOrder).slice(0, this.#limit);
  }
}

function isRefusal({ from, to }: DiffRow): boolean {
  return from.allowed && !to.allowed;
}

function isRelease({ from, to }: DiffRow): boolean {
  return !from.allowed && to.allowed;
}

function inOrder(a: DiffRow, b: DiffRow): number {
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

function rank(row: DiffRow): number {
  const weight = isRefusal(row) ? 0 : worstStatus([row.from.status, row.to.status]) === row.to.status ? 1 : 2;
  return (row.running.length > 0 ? 0 : 10) + weight;
}
