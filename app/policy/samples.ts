import type { NewChange } from '../../core/change.ts';
import type { GrantedException } from '../../core/exception.ts';
import type { AuditEntry } from '../../core/ports/exceptions.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { InForceParts } from './in-force.ts';

/** Stores in memory, for the tests of this room. */
export class MemoryStores {
  good: string | null = null;
  version = 0;
  /** The next write of what is in force fails. */
  broken = false;
  granted: GrantedException[] = [];
  readonly changes: NewChange[] = [];
  readonly log: Omit<AuditEntry, 'id' | 'hash'>[] = [];
  readonly #cursors = new Map<string, number>();

  readonly verdicts: InForceParts['verdicts'] = {
    goodPolicy: async () => this.good,
    putGoodPolicy: async (sources) => {
      if (this.broken) throw new Error('the disk is full');
      this.good = sources;
    },
    putChange: async (change) => {
      this.changes.push(change);
    },
    followerCursor: async (name) => this.#cursors.get(name) ?? 0,
    putFollowerCursor: async (name, cursor) => {
      this.#cursors.set(name, cursor);
    },
  };

  readonly exceptions: InForceParts['exceptions'] = {
    listExceptions: async (at) =>
      this.granted.filter(
        ({ endsAt, revoked }) => at === null || (revoked === null && endsAt > Date.parse(at)),
      ),
    exceptionsVersion: async () => this.version,
    addAudit: async (entry) => {
      this.log.push(entry);
    },
  };

  grant(...granted: readonly GrantedException[]): void {
    this.granted = [...granted];
    this.version += 1;
  }

  /** What the change stream and the audit log have been told since the last time, in a few words. */
  told(): readonly string[] {
    const changes = this.changes
      .splice(0)
      .map((change) => `${change.kind}: ${'note' in change ? change.note : ''}`);
    return [...changes, ...this.log.splice(0).map(({ action, subject }) => `${action} ${subject}`)];
  }
}

export const logger = silentLogger;
