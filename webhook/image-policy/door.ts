import type { AskContext } from '../../core/context.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { Deadline, late, mapBounded } from '../deadline.ts';
import { type Answer, type Call, type Door, json, problem } from '../door.ts';
import { type JudgePorts, judgeImage } from '../judge.ts';
import type { NamespaceLabels } from '../namespaces.ts';
import { type Decision, timeToDecide } from '../review.ts';
import type { AdmissionListeners } from '../telling.ts';
import type { ReviewOutcome } from '../validate.ts';
import { decide, type Placed, refusal } from '../words.ts';
import { formatImageReview, type ImageReview, parseImageReview } from './image-review.ts';

export interface ImagePolicyOptions extends JudgePorts, Pick<AdmissionListeners, 'onDecision'> {
  readonly cluster: string | null;
  readonly namespaces: NamespaceLabels | null;
  readonly logger: Logger;
  /** Milliseconds of a clock that nobody sets, for deadlines. */
  readonly ticks: () => number;
  readonly onReview?: (outcome: ReviewOutcome) => void;
}

const mostImages = 100;
const atOnce = 8;

/** `/image-policy`: what the admission plugin ImagePolicyWebhook asks for the images of a Pod. */
export function imagePolicyDoor(options: ImagePolicyOptions): Door {
  return {
    path: '/image-policy',
    takes: 'an image review',
    handle: (call) => answerReview(options, call),
  };
}

async function answerReview(options: ImagePolicyOptions, { body, query, elapsed }: Call): Promise<Answer> {
  const { value: review, refused } = parseImageReview(body);
  if (review === null) return problem(400, refused);
  const deadline = new Deadline(timeToDecide(query.get('timeout')) - elapsed(), options.ticks);
  const { decision, placed } = await decideOrDeny(options, review, deadline);
  return json(formatImageReview(decision), () => {
    const { namespace } = review;
    const { allowed, message } = decision;
    const milliseconds = Math.round(elapsed());
    options.logger.info({ namespace, allowed, message, milliseconds }, 'images reviewed');
    options.onReview?.({
      wouldRefuse: false,
      brokenGlass: false,
      allowed,
      kind: 'ImageReview',
      namespace,
      milliseconds,
    });
    for (const { judgement } of placed) options.onDecision?.(judgement);
  });
}

interface Decided {
  readonly decision: Decision;
  readonly placed: readonly Placed[];
}

/** An error of our own is answered too: a failed request would be left to the API server's `defaultAllow`. */
async function decideOrDeny(
  options: ImagePolicyOptions,
  review: ImageReview,
  deadline: Deadline,
): Promise<Decided> {
  try {
    return await decided(options, review, deadline);
  } catch (error) {
    options.logger.error({ err: error, namespace: review.namespace }, 'image review failed');
    return { decision: refusal(['an error inside Pratique, see its log; try again']), placed: [] };
  }
}

async function decided(
  options: ImagePolicyOptions,
  { namespace, images }: ImageReview,
  deadline: Deadline,
): Promise<Decided> {
  const names = new Set(images);
  const fault = faultOf(names);
  if (fault !== null) return { decision: refusal([fault]), placed: [] };
  const { namespaces, cluster } = options;
  const labels = namespaces === null ? null : await deadline.race(namespaces.labelsOf(namespace));
  const asker: AskContext = {
    ...{ gate: 'admission', cluster, namespace, namespaceLabels: labels === late ? null : labels },
    // The plugin tells nothing of these; bindings that name them do not hold here.
    ...{ workloadLabels: {}, serviceAccount: null, user: null, groups: [] },
  };
  const placed = await mapBounded([...names], atOnce, async (image) => ({
    judgement: await judgeImage(options, image, asker, deadline),
    places: ['a container'],
    asker,
  }));
  return { decision: decide(placed), placed };
}

/** What of a review cannot be judged; null: nothing. */
function faultOf(names: ReadonlySet<string>): string | null {
  if (names.size === 0) return 'the review names no container';
  if (names.has('')) return 'a container names no image';
  return names.size > mostImages
    ? `the review names ${names.size} images, and at most ${mostImages} are judged at once`
    : null;
}
