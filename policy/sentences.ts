import { displayId, type Finding } from '../core/finding.ts';
import type { Exception } from './policy.ts';
import { oneLine } from './text.ts';

/** A finding in one line: `CVE-2024-1234 critical in openssl 3.0.1-1 (fixed in 3.0.2)`. */
export function findingSentence(
  finding: Pick<Finding, 'id' | 'aliases' | 'package' | 'version' | 'severity' | 'fixedVersion' | 'status'>,
): string {
  const name = oneLine(displayId(finding), 80);
  const severity = finding.severity === 'unknown' ? 'of unknown severity' : finding.severity;
  const fix = finding.fixedVersion === null ? 'no fix' : `fixed in ${oneLine(finding.fixedVersion, 60)}`;
  const doubt = finding.status === 'undetermined' ? '; whether it applies could not be determined' : '';
  const what = name.startsWith('MAL-') ? 'malware' : severity;
  return `${name} ${what} in ${oneLine(finding.package, 120)} ${oneLine(finding.version, 60)} (${fix}${doubt})`;
}

/** That an exception which would have let something through is over. */
export function endedSentence(exception: Exception): string {
  const where = exception.package === null ? '' : ` in ${oneLine(exception.package, 120)}`;
  return `the exception of ${oneLine(exception.advisory, 80)}${where} by ${oneLine(exception.author, 80)} ended on ${exception.expires}`;
}
