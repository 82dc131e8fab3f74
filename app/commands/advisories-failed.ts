import { isPratiqueError } from '../../core/errors.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { type Console, exitCodes } from '../console.ts';

/**
 * Runs what brings in advisories: whatever goes wrong, the old ones stay in force, and that is said.
 * @param file of the advisories in force
 * @returns the exit code: 2 where nothing was imported
 */
export async function keepingTheOld(
  file: string,
  console: Console,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    console.err(error.message);
    console.err(stillInForce(file));
    return exitCodes.usage;
  }
}

function stillInForce(file: string): string {
  try {
    const index = openAdvisoryIndex(file);
    const { revision } = index;
    index.close();
    return `the advisories are as before: revision ${revision}`;
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    if (error.code !== 'advisories-missing') return error.message;
    return `there are no advisories yet (${file}), so every image is refused. Where the feeds cannot be reached: pratique advisories update --from DIR, or pratique advisories import FILE`;
  }
}
