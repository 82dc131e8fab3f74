import type { AskContext } from '../core/context.ts';
import { asciiLine, oneLine } from '../policy/text.ts';
import type { ImageJudgement } from './judge.ts';
import type { Decision } from './review.ts';

/** Characters. A longer status message is of no use in a terminal. */
const longestMessage = 2000;
/** The API server cuts warnings there when they are many (admission.k8s.io/v1, `warnings`). */
const longestWarning = 256;
const mostWarnings = 10;
const mostDenied = 8;
const mostAudited = 20;

/** An image's judgement, and the places in the object that name the image. */
export interface Placed {
  readonly judgement: ImageJudgement;
  readonly places: readonly string[];
  /** For whom it would run. */
  readonly asker: AskContext;
}

/** One decision from what is said of every image: allowed only if all are. */
export function decide(placed: readonly Placed[]): Decision {
  const denied = placed.filter(({ judgement }) => !judgement.allowed);
  return {
    allowed: denied.length === 0,
    message: denied.length === 0 ? null : denial(denied),
    warnings: denied.length === 0 ? warnings(placed) : [],
    audit: audit(placed.map(({ judgement }) => judgement)),
  };
}

export function refusal(reasons: readonly string[]): Decision {
  const message = oneLine(`Blocked by Pratique: ${reasons.slice(0, 10).join('; ')}`, longestMessage);
  return { allowed: false, message, warnings: [], audit: {} };
}

/** One image in one line, several in a line each. */
function denial(denied: readonly Placed[]): string {
  const shown = denied.slice(0, mostDenied);
  const each = Math.floor((longestMessage - 100) / shown.length);
  const lines = shown.map(({ judgement, places }) => {
    const image = oneLine(judgement.resolved, 420);
    const where = oneLine(places.slice(0, 4).join(', '), 160);
    return oneLine(`${where}: ${image}: ${judgement.reason}`, each);
  });
  if (denied.length === 1) return `Blocked by Pratique: ${lines.join('')}`;
  const more = denied.length - shown.length;
  const rest = more > 0 ? [`and ${more} more images`] : [];
  return `Blocked by Pratique, ${denied.length} images:\n${[...lines, ...rest].join('\n')}`;
}

function warnings(placed: readonly Placed[]): readonly string[] {
  return placed
    .flatMap(({ judgement }) => warning(judgement) ?? [])
    .slice(0, mostWarnings)
    .map((text) => asciiLine(text, longestWarning));
}

/** null: there is nothing to say, or the binding's mode says nothing to whoever asks. */
function warning({ image, status, ruled, reason }: ImageJudgement): string | null {
  if (status === 'pass' || ruled?.mode === 'audit' || ruled?.mode === 'off') return null;
  return `Pratique: ${asciiLine(image, 100)}: ${reason}`;
}

function audit(judgements: readonly ImageJudgement[]): Readonly<Record<string, string>> {
  const lines: Record<string, string> = {};
  judgements.slice(0, mostAudited).forEach((judgement, index) => {
    lines[`image-${index}`] = auditLine(judgement);
  });
  return lines;
}

function auditLine({ resolved, status, ruled }: ImageJudgement): string {
  const by =
    ruled === null ? '' : oneLine(` binding=${ruled.binding} policy=${ruled.policy} mode=${ruled.mode}`, 300);
  return `${oneLine(resolved, 420)} ${status}${by}`;
}
