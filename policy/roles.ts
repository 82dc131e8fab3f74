import type { Judgement } from './judgement.ts';

const [denies, undecided, warns] = [4, 2, 1] as const;

/** What part each finding plays that neither an exception nor VEX lets through. */
export class Roles {
  readonly #bits: Uint8Array;
  /** Positions that count: live, and no bug fix (they are told by rules that name them, and are no danger). */
  readonly counted: readonly number[];
  readonly denying: readonly number[];
  /** Those that a rule warns of and none denies. What is denied needs no warning as well. */
  readonly warned: readonly number[];

  constructor({ subjects, caught }: Judgement) {
    const { findings, suppressed, acquitted } = subjects;
    const bits = new Uint8Array(findings.length);
    for (const rule of caught) {
      for (const position of rule.denies) bits[position] = (bits[position] ?? 0) | denies;
      for (const position of rule.undecided) bits[position] = (bits[position] ?? 0) | undecided;
      for (const position of rule.warns) bits[position] = (bits[position] ?? 0) | warns;
    }
    this.#bits = bits;
    const excused = new Set([...suppressed, ...acquitted].map(([position]) => position));
    const counted: number[] = [];
    const denying: number[] = [];
    const warned: number[] = [];
    for (const [position, finding] of findings.entries()) {
      if (finding.kind !== 'bugfix' && !excused.has(position)) counted.push(position);
      const role = bits[position] ?? 0;
      if ((role & denies) !== 0) denying.push(position);
      else if ((role & warns) !== 0) warned.push(position);
    }
    this.counted = counted;
    this.denying = denying;
    this.warned = warned;
  }

  /** 3: it denies, 2: whether it does cannot be told, 1: it warns, 0: nobody minds. */
  decisiveness(position: number): number {
    const role = this.#bits[position] ?? 0;
    if ((role & denies) !== 0) return 3;
    if ((role & undecided) !== 0) return 2;
    return role & warns;
  }
}
