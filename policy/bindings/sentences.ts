import { displayId } from '../../core/finding.ts';
import { oneLine } from '../text.ts';
import type { BeforeScanRule } from './binding.ts';
import type { Lifted } from './scoped-exceptions.ts';

/** That a finding is let through for who asks, by whom and until when. */
export function liftedSentence({ finding, exception }: Lifted): string {
  const name = oneLine(displayId(finding), 80);
  const ticket = exception.ticket === null ? '' : `, ${oneLine(exception.ticket, 80)}`;
  const by = `${oneLine(exception.author, 80)}${ticket}`;
  return `let through here until ${exception.expires}: ${name} in ${oneLine(finding.package, 120)} (${oneLine(exception.reason, 200)}; ${by})`;
}

/** That a rule has decided before anything was looked at. */
export function unlookedSentence({ action, id, reason }: BeforeScanRule): string {
  const what = action === 'pass' ? 'let through' : 'refused';
  return `${what} without being inspected: ${reason} (beforeScan rule ${id})`;
}
