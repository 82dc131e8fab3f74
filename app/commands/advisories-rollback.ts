import { userInfo } from 'node:os';
import { PratiqueError } from '../../core/errors.ts';
import { AdvisoryHistory } from '../../db/advisories-history.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { releasedText } from '../report/kept-report.ts';

export interface AdvisoriesRollbackOptions {
  /** null: the one before that in force. */
  readonly revision: string | null;
  /** Only let scheduled updates go on. */
  readonly release: boolean;
  readonly sources: ConfigSources;
}

/**
 * `pratique advisories rollback`.
 * @throws PratiqueError `usage-invalid`, `advisories-unreadable`, `data-locked`, `data-unusable`
 */
export function rollBack(options: AdvisoriesRollbackOptions, console: Console): Promise<number> {
  const history = new AdvisoryHistory(dataPaths(loadConfig(options.sources).data).advisories);
  if (options.release) {
    if (options.revision !== null) {
      throw new PratiqueError('usage-invalid', '--release changes no revision: leave one of them out');
    }
    const hold = history.release();
    console.out(hold === null ? 'scheduled updates are not held' : releasedText(hold));
    return Promise.resolve(exitCodes.ok);
  }
  const mark = { at: new Date().toISOString(), by: whoAmI() };
  const { from, to } = history.rollback(options.revision, mark);
  console.out(
    [
      `revision ${to} is in force, instead of ${from ?? 'one that could not be read'}; a running server takes it up within a second`,
      'scheduled updates are held until an update by hand, or: pratique advisories rollback --release',
    ].join('\n'),
  );
  return Promise.resolve(exitCodes.ok);
}

/** In a container the user may have no name. */
function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
