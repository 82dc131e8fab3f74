import { z } from 'zod';
import { asciiLine } from '../policy/text.ts';
import type { AdmissionRequest, Decision } from './review.ts';

/** Runes; the API server cuts each warning to 256 where all of them together have more than 4096 (apiserver, `warning`). */
const longestWarning = 1000;
const mostWarnings = 4;

/** How a warning about what an enforcing webhook would refuse begins; `pratique webhook status` looks for it. */
export const wouldRefuse = 'Pratique would refuse this: ';
/** How every denial begins (`words.ts`). */
export const blocked = 'Blocked by Pratique';

/** On objects by which `pratique webhook` asks; they are dry runs. It opens nothing: it has the answer say that there was one. */
export const probeAnnotation = 'pratique.dev/probe';
/** Without it nobody could tell an image that passes from a webhook that was not reached (`failurePolicy: Ignore`). */
export const judgedMark = 'Pratique has judged this';

const probeObject = z.object({
  metadata: z.object({ annotations: z.object({ [probeAnnotation]: z.string() }) }),
});

/** The decision, with a warning that it was made, where one is asked for. */
export function markProbe({ dryRun, object }: AdmissionRequest, decision: Decision): Decision {
  if (!dryRun || !probeObject.safeParse(object).success) return decision;
  return { ...decision, warnings: [judgedMark, ...decision.warnings] };
}

/**
 * What the door for clusters that are only watched makes of a decision: everything is let in, and a refusal becomes
 * warnings and an audit annotation.
 */
export function audited(decision: Decision): Decision {
  if (decision.allowed) return decision;
  const message = decision.message ?? 'refused';
  return {
    allowed: true,
    message: null,
    warnings: [...warningsOf(message), ...decision.warnings],
    audit: { ...decision.audit, 'would-refuse': message },
  };
}

/** One for each image; a denial of several has a line for each behind its first. */
function warningsOf(message: string): readonly string[] {
  const [first = '', ...lines] = message.split('\n');
  const each = lines.length === 0 ? [first.replace(/^Blocked by Pratique: /, '')] : lines;
  const more = each.length - mostWarnings;
  return [
    ...each.slice(0, mostWarnings).map((line) => asciiLine(`${wouldRefuse}${line}`, longestWarning)),
    ...(more > 0 ? [`${wouldRefuse}and ${more} more images`] : []),
  ];
}
