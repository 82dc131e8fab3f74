import type { Logger } from '../core/ports/logger.ts';
import { type Admission, type AdmitPorts, admit } from './admission.ts';
import { audited, markProbe } from './audit.ts';
import type { Glass } from './break-glass/glass.ts';
import { glassEvent, type Opened, openedBy } from './break-glass/open.ts';
import { type Answer, type Door, json, problem } from './door.ts';
import { type AdmissionRequest, type Decision, formatReview, parseReview, timeToDecide } from './review.ts';
import { type AdmissionListeners, tell } from './telling.ts';
import { refusal } from './words.ts';

export interface ReviewOptions extends AdmitPorts, AdmissionListeners {
  /** Name of the label whose value is the team that something belongs to. */
  readonly teamLabel: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets, for deadlines: only differences mean anything. */
  readonly ticks: () => number;
  /** Break-glasses that hold now; left out: there are none. */
  readonly openGlasses?: () => readonly Glass[];
  /** Called once for each review that was answered. */
  readonly onReview?: (outcome: ReviewOutcome) => void;
}

export interface ReviewOutcome {
  readonly allowed: boolean;
  /** Let in by the door for clusters that are only watched; the other one would have refused it. */
  readonly wouldRefuse: boolean;
  /** Let in by a break-glass alone. */
  readonly brokenGlass: boolean;
  readonly kind: string;
  readonly namespace: string | null;
  readonly milliseconds: number;
}

/** `/validate`: the validating admission webhook. */
export function validateDoor(options: ReviewOptions): Door {
  return {
    path: '/validate',
    takes: 'a review',
    handle: (call) =>
      answerReview(options, call, (decision, review) =>
        openedBy(options.openGlasses?.() ?? [], review, decision),
      ),
  };
}

/** `/audit`: says what `/validate` would, and lets everything in. */
export function auditDoor(options: ReviewOptions): Door {
  return {
    path: '/audit',
    takes: 'a review',
    handle: (call) =>
      answerReview(options, call, (decision) => ({
        decision: audited(decision),
        glass: null,
        refused: null,
      })),
  };
}

async function answerReview(
  options: ReviewOptions,
  { body, query, elapsed }: Parameters<Door['handle']>[0],
  soften: (decision: Decision, review: AdmissionRequest) => Opened,
): Promise<Answer> {
  const { request: review, refused } = parseReview(body);
  if (review === null) return problem(400, refused);
  const made = await decideOrDeny(options, review, timeToDecide(query.get('timeout')) - elapsed());
  const opened = soften(made.decision, review);
  const decision = markProbe(review, opened.decision);
  const brokenGlass = opened.glass !== null;
  const wouldRefuse = decision.allowed && !made.decision.allowed && !brokenGlass;
  return json(formatReview(review.uid, decision), () => {
    const milliseconds = Math.round(elapsed());
    options.logger.info(
      {
        kind: review.kind.kind,
        namespace: review.namespace,
        name: review.name,
        subResource: review.subResource,
        operation: review.operation,
        dryRun: review.dryRun,
        allowed: decision.allowed,
        wouldRefuse,
        breakGlass: opened.glass?.name ?? null,
        message: made.decision.message,
        milliseconds,
      },
      'admission reviewed',
    );
    const { kind, namespace } = review;
    const { allowed } = decision;
    options.onReview?.({ allowed, wouldRefuse, brokenGlass, kind: kind.kind, namespace, milliseconds });
    const at = new Date(options.now()).toISOString();
    tell(options, review, { ...made, decision }, options.teamLabel, at);
    const event = glassEvent(review, opened, options.cluster, at);
    if (event !== null) options.onRefused?.(event);
  });
}

/** An error of our own is answered too: a failed request would be left to the cluster's failurePolicy. */
async function decideOrDeny(
  options: ReviewOptions,
  review: AdmissionRequest,
  time: number,
): Promise<Admission> {
  try {
    return await admit(options, review, time, options.ticks);
  } catch (error) {
    options.logger.error({ err: error, uid: review.uid }, 'admission review failed');
    const decision = refusal(['an error inside Pratique, see its log; try again']);
    return { decision, placed: [], asker: null };
  }
}
