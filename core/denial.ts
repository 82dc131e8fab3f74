import type { PlainError } from './errors.ts';
import type { Clearance } from './ports/gate.ts';
import { allows, type RuleOutcome } from './verdict.ts';

/** Sentences; a verdict tells up to twenty. */
const mostReasons = 6;
const mostRemedies = 3;

/** What kept an image from being judged, for each platform where something did. */
export function failuresOf({ platforms }: Pick<Clearance, 'platforms'>): readonly PlainError[] {
  return platforms.flatMap(({ failure }) => (failure === null ? [] : [failure]));
}

type Explained = Pick<Clearance, 'status' | 'reasons' | 'platforms' | 'ruled'>;

/**
 * Why a clearance is what it is, in at most `limit` characters and without the image's name, which each gate tells
 * itself: `CVE-… (fixed in …); … (+2 more). What to do: … (policy baseline, binding default)`. Every gate tells a denial
 * in these words. Texts of images and files are in it: where it is printed, it has to be made fit for that.
 */
export function explainClearance(clearance: Explained, limit: number): string {
  const remedies = remediesOf(clearance);
  const todo = remedies.length === 0 ? '' : `. What to do: ${remedies.join('; ')}`;
  const by = ruledBy(clearance);
  const tail = clip(todo, Math.floor(limit / 2) - by.length) + by;
  return clip(reasonsOf(clearance), limit - tail.length) + tail;
}

/** What the rules that deny say should be done, each once. */
export function remediesOf({
  status,
  platforms,
}: Pick<Clearance, 'status' | 'platforms'>): readonly string[] {
  if (allows(status)) return [];
  const denying = platforms
    .filter((platform) => platform.status === status)
    .flatMap(({ verdict }) => verdict?.rules.filter(hasDenied) ?? []);
  const remedies = denying.flatMap(({ remedy }) => (remedy === null ? [] : [remedy.replace(/[.\s]+$/, '')]));
  return [...new Set(remedies)].slice(0, mostRemedies);
}

function hasDenied({ action }: RuleOutcome): boolean {
  return action === 'deny' || action === 'error';
}

function reasonsOf({ status, reasons }: Explained): string {
  if (reasons.length === 0) return `its verdict is ${status}`;
  const more = reasons.length > mostReasons ? ` (+${reasons.length - mostReasons} more)` : '';
  return `${reasons.slice(0, mostReasons).join('; ')}${more}`;
}

function ruledBy({ ruled }: Explained): string {
  return ruled === null ? '' : clip(` (policy ${ruled.policy}, binding ${ruled.binding})`, 200);
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
