import type { GrantedException } from '../exception.ts';

export type AuditAction = 'granted' | 'revoked' | 'ended' | 'listed-in-policy' | 'gone-from-policy';

/** One line of the audit log. Rows are only ever added; each names the hash of the one before it. */
export interface AuditEntry {
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly action: AuditAction;
  /** The exception's id, or what identifies one in a policy file. */
  readonly subject: string;
  /** The exception as it was then, JSON. */
  readonly detail: string;
  /** sha256, hex, over the hash before and this row. */
  readonly hash: string;
}

/** Exceptions that were granted by hand, and the log of everything that happened to any. Durable when a call resolves. */
export interface ExceptionStore {
  /** Those that have not ended at `at` and are not revoked; null: all that ever were. */
  listExceptions(at: string | null): Promise<readonly GrantedException[]>;
  /** Adds it and its line of the audit log (`granted`, by its author), together. @throws PratiqueError `usage-invalid` where its id is taken */
  addException(exception: GrantedException): Promise<void>;
  /** Revokes it and adds a line to the audit log (`revoked`), together. False where there is none that holds at `at`. */
  revokeException(id: string, by: string, reason: string, at: string): Promise<boolean>;
  /** Rises whenever one is added or revoked, by this process or another. */
  exceptionsVersion(): Promise<number>;
  /** For what nobody grants or revokes here: an end, an exception of a policy file. */
  addAudit(entry: Omit<AuditEntry, 'id' | 'hash'>): Promise<void>;
  audit(after: number, limit: number): Promise<readonly AuditEntry[]>;
  /**
   * Id of the first row whose hash is not what it has to be, or whose exception is not what it says by now; 0: an exception
   * is there that no row tells of; null: log and exceptions are whole.
   */
  brokenAudit(): Promise<number | null>;
}
