/** What all findings that are recorded are right for. */
export interface MatchState {
  readonly revision: string;
  /** Another with every switch, to the same revision too. */
  readonly generation: number;
}

/** A switch of all findings to another revision. */
export interface MatchSwitch {
  /** The one whose findings were handed over. */
  readonly round: string;
  readonly from: MatchState;
  readonly to: string;
  /** The last recorded package that the round has looked at (`MatchedPackage.position`). */
  readonly seen: number;
  /** What somebody has asked for by hand and is done with it; null: nobody has. */
  readonly asked: string | null;
}

/**
 * `later`: packages were recorded in between, which the round has not looked at. `overtaken`: what is recorded is another
 * by now, or another round has begun; nothing of this one is used.
 */
export type SwitchOutcome = 'switched' | 'later' | 'overtaken';

/** How findings become right for another revision: prepared in parts, then switched in one transaction. */
export interface Rematching {
  matchState(): Promise<MatchState | null>;
  /** Lays changed findings ready (`packRematched`, db/); those of another round are forgotten. */
  stageMatches(batch: Uint8Array): Promise<void>;
  switchMatches(asked: MatchSwitch): Promise<SwitchOutcome>;
  /** Asks that everything is matched again from recorded inventories, and judged again. @param at ISO 8601 */
  askRematch(at: string): Promise<void>;
  /** When somebody has asked for it and it is not done; null: all is done. */
  rematchAsked(): Promise<string | null>;
}
