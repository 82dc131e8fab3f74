import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets this thread stand back behind the others of the process. On Linux a priority (setpriority(2)) is a thread's own,
 * and 0 means who asks.
 * @param niceness how much nicer than it is
 * @returns why it could not be done; null: it was
 */
export function standBack(niceness: number): string | null {
  if (process.platform !== 'linux') return 'only Linux has priorities of threads';
  try {
    setPriority(0, Math.min(constants.priority.PRIORITY_LOW, getPriority(0) + niceness));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
