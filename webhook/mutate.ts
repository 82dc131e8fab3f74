import type { Logger } from '../core/ports/logger.ts';
import { asciiLine } from '../policy/text.ts';
import { type Answer, type Door, json, problem } from './door.ts';
import { changeLine, type MutatePorts, type Mutation, mutate } from './mutation.ts';
import { patchOf } from './patch.ts';
import { type AdmissionRequest, type Decision, formatReview, parseReview, timeToDecide } from './review.ts';

/** The API server cuts warnings there when they are many (admission.k8s.io/v1, `warnings`). */
const longestWarning = 256;
const mostWarnings = 10;
const mostAudited = 20;

export interface MutateOptions extends MutatePorts {
  readonly logger: Logger;
  /** Milliseconds of a clock that nobody sets: only differences mean anything. */
  readonly ticks: () => number;
  /** Called once for each review that was answered. */
  readonly onMutation?: (outcome: MutationOutcome) => void;
}

/** How many images of one object were given another text, and how many stay by tag though that is not wanted. */
export interface MutationOutcome {
  readonly changed: number;
  readonly unpinned: number;
  readonly milliseconds: number;
}

/** `/mutate`: the mutating admission webhook. It refuses nothing: what comes of it is for `/validate` to judge. */
export function mutateDoor(options: MutateOptions): Door {
  return {
    path: '/mutate',
    takes: 'a review',
    handle: (call) => answerMutation(options, call),
  };
}

async function answerMutation(
  options: MutateOptions,
  { body, query, elapsed }: Parameters<Door['handle']>[0],
): Promise<Answer> {
  const { request: review, refused } = parseReview(body);
  if (review === null) return problem(400, refused);
  const time = timeToDecide(query.get('timeout')) - elapsed();
  const { mutation, warnings } = await mutateOrLeave(options, review, time);
  const { changes, unpinned } = mutation;
  const audit = Object.fromEntries(
    changes.slice(0, mostAudited).map((change, index) => [`change-${index}`, changeLine(change)]),
  );
  const decision: Decision = { allowed: true, message: null, warnings, audit };
  return json(formatReview(review.uid, decision, patchOf(changes)), () => {
    const milliseconds = Math.round(elapsed());
    options.onMutation?.({ changed: changes.length, unpinned: unpinned.length, milliseconds });
    if (changes.length === 0 && unpinned.length === 0) return;
    const { kind, namespace, name, operation, dryRun } = review;
    options.logger.info(
      {
        ...{ kind: kind.kind, namespace, name, operation, dryRun, milliseconds },
        changes: changes.slice(0, mostAudited).map(changeLine),
        unpinned: warnings,
      },
      'images of an object changed',
    );
  });
}

interface Made {
  readonly mutation: Mutation;
  readonly warnings: readonly string[];
}

/** After an error of our own the object goes on unchanged: it is judged as it is. */
async function mutateOrLeave(options: MutateOptions, review: AdmissionRequest, time: number): Promise<Made> {
  try {
    const mutation = await mutate(options, review, time, options.ticks);
    return { mutation, warnings: warningsOf(mutation) };
  } catch (error) {
    options.logger.error({ err: error, uid: review.uid }, 'images of an object could not be changed');
    const told = 'Pratique: no image was pinned to its digest: an error inside Pratique, see its log';
    return { mutation: { changes: [], unpinned: [] }, warnings: [told] };
  }
}

function warningsOf({ unpinned }: Mutation): readonly string[] {
  return unpinned
    .slice(0, mostWarnings)
    .map(({ used: { image, where }, why }) =>
      asciiLine(
        `Pratique: ${asciiLine(where, 80)}: ${asciiLine(image, 100)} is not pinned to a digest: ${why}`,
        longestWarning,
      ),
    );
}
