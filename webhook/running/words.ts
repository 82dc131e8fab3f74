import type { Said, ToldFinding } from './said.ts';

/** One line for a person: what is wrong, and whether there is a fix. */
export function whatIsWrong(said: Pick<Said, 'reason' | 'worst' | 'fixable'>): string {
  const fix = fixText(said.worst);
  return fix === null || said.reason.includes(fix) ? said.reason : `${said.reason}; fix: ${fix}`;
}

/** `openssl 3.0.2`; null: none is known. */
export function fixText(worst: ToldFinding | null): string | null {
  return worst === null || worst.fixedVersion === null ? null : `${worst.package} ${worst.fixedVersion}`;
}
