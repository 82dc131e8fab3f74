import type { Response } from 'express';
import { type ReplicaGone, replicaSchemaVersion } from '../../core/replica.ts';

/** Answers that the cursor is not one of these records. */
export function gone(response: Response): void {
  const body: ReplicaGone = {
    schemaVersion: replicaSchemaVersion,
    error:
      'this cursor is not one of these records: they were restored from a backup, or are others. Forget it, and read everything again with after=0',
    reset: true,
  };
  response.status(410).json(body);
}
