import { openStateReadOnly } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { auditLine } from '../report/exception-report.ts';
import { withState } from './state-beside.ts';

export interface ExceptionLogOptions {
  readonly verify: boolean;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/** Lines read at once: the log may be long. */
const page = 500;

/**
 * `pratique exception log`: everything that ever happened to an exception, the oldest first. JSON is one object a line.
 * @returns the exit code: 1 where the log is not what was written
 * @throws PratiqueError `data-unusable`
 */
export function showExceptionLog(options: ExceptionLogOptions, console: Console): Promise<number> {
  const file = dataPaths(loadConfig(options.sources).data).state;
  const code = withState(file, openStateReadOnly, (state) => {
    let last = { id: 0, hash: '' };
    for (;;) {
      const entries = state.audit(last.id, page);
      for (const entry of entries)
        console.out(options.format === 'json' ? JSON.stringify(entry) : auditLine(entry));
      const end = entries.at(-1);
      if (end === undefined) break;
      last = end;
    }
    if (!options.verify) return exitCodes.ok;
    const broken = state.brokenAudit();
    if (broken !== null) {
      console.err(
        broken === 0
          ? 'there is an exception that the log says nothing of: somebody has written it past this program'
          : `line ${broken} is not what was written, or its exception is another by now: somebody has changed the state file`,
      );
      return exitCodes.fail;
    }
    console.err(
      last.id === 0
        ? 'the log is empty'
        : `the log is whole up to line ${last.id}; kept elsewhere, its last hash shows later whether lines are missing: ${last.hash}`,
    );
    return exitCodes.ok;
  });
  return Promise.resolve(code);
}
