import { randomBytes } from 'node:crypto';
import { openStateBeside } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { leftText, whatText } from '../report/exception-report.ts';
import { type ExceptionFlags, holdsLong, readException } from './exception-input.ts';
import { withState } from './state-beside.ts';

/**
 * `pratique exception add`.
 * @throws PratiqueError `usage-invalid`, `data-unusable`, `data-locked`
 */
export function addException(
  options: { readonly flags: ExceptionFlags; readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const at = Date.now();
  const exception = readException(options.flags, `ex-${randomBytes(6).toString('hex')}`, at);
  const file = dataPaths(loadConfig(options.sources).data).state;
  withState(file, openStateBeside, (state) => state.addException(exception));
  const left = leftText(exception.endsAt - at);
  console.out(
    [
      `${exception.id}: ${exception.advisory} (${whatText(exception)}) is let through until ${exception.expires} (${left})`,
      'A running server takes it up within seconds. It ends before with:',
      `  pratique exception revoke ${exception.id} --by WHO --reason WHY`,
    ].join('\n'),
  );
  if (holdsLong(exception, at))
    console.err(`it holds for more than a year: what nobody looks at again is no exception, but a rule`);
  return Promise.resolve(exitCodes.ok);
}
