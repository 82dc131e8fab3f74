import { noSubject, type PratiqueEvent } from '../core/event.ts';
import { displayId } from '../core/finding.ts';
import { noCluster, type Sighting } from '../core/ports/sightings.ts';
import { oneLine } from '../policy/text.ts';
import type { Admission } from './admission.ts';
import type { ImageJudgement } from './judge.ts';
import type { AdmissionRequest } from './review.ts';
import { workloadOf } from './workload.ts';

/** Where an image was let in; the rest of a sighting is the store's. */
export type Admitted = Omit<Sighting, 'firstAt'>;

/** Characters of a label's value (Kubernetes, "Labels and Selectors"). */
const longestLabel = 63;
const mostEvents = 10;
const mostReasons = 5;
const mostAdvisories = 20;

/**
 * What of an allowed object will run where, by the manifest of each platform; nothing for a dry run, and nothing of
 * images that nobody has looked at.
 * @param at ISO 8601
 */
export function admittedImages(
  request: AdmissionRequest,
  { decision, placed }: Admission,
  teamLabel: string,
  at: string,
): readonly Admitted[] {
  const { namespace, dryRun } = request;
  if (!decision.allowed || dryRun || namespace === null) return [];
  const workload = workloadOf(request);
  const admitted: Admitted[] = [];
  for (const { judgement, asker } of placed) {
    const labels = [asker.workloadLabels, workload.labels, asker.namespaceLabels ?? {}];
    const team = labels.find((one) => Object.hasOwn(one, teamLabel))?.[teamLabel];
    for (const digest of digestsOf(judgement)) {
      admitted.push({
        digest,
        cluster: asker.cluster ?? noCluster,
        namespace,
        workload: workload.name,
        image: judgement.resolved,
        team: team === undefined ? null : team.slice(0, longestLabel),
        lastAt: at,
      });
    }
  }
  return admitted;
}

function digestsOf({ digest, platforms }: ImageJudgement): ReadonlyArray<Admitted['digest']> {
  if (platforms.length === 0) return digest === null ? [] : [digest];
  const [only] = platforms;
  if (only !== undefined && platforms.length === 1) return [only.digest];
  return [...new Set(platforms.map((platform) => platform.digest))];
}

/**
 * What people are told of a refused object, by image and namespace, so that one that is tried again and again is one message; nothing
 * for a dry run, and nothing of images that are just being inspected.
 * @param at ISO 8601
 */
export function refusalEvents(
  request: AdmissionRequest,
  { decision, placed, asker }: Admission,
  at: string,
): readonly PratiqueEvent[] {
  if (decision.allowed || request.dryRun) return [];
  const workload = oneLine(workloadOf(request).name, 200);
  const where = request.namespace === null ? workload : `${workload} in ${request.namespace}`;
  const base = { kind: 'admission-refused', severity: 'warning', at } as const;
  const subject = {
    ...noSubject,
    ...({ gate: 'admission', cluster: asker?.cluster ?? null, namespace: request.namespace } as const),
    ...{ workload, user: request.user === null ? null : oneLine(request.user, 200) },
  };
  const group = `admission-refused ${subject.cluster ?? noCluster}/${request.namespace ?? ''}`;
  if (placed.length === 0) {
    const reasons = [oneLine(decision.message ?? 'refused', 1000)];
    return [{ ...base, group: `${group} ${workload}`, title: `${where} was refused`, reasons, subject }];
  }
  const refused = placed.filter(({ judgement }) => !judgement.allowed && !isUnderWay(judgement));
  return refused.slice(0, mostEvents).map(({ judgement }) => {
    const image = oneLine(judgement.resolved, 420);
    return {
      ...base,
      group: `${group} ${image}`,
      title: `${where} was refused: its image ${image} is not allowed to run`,
      reasons: judgement.reasons.slice(0, mostReasons).map((reason) => oneLine(reason, 500)),
      subject: {
        ...subject,
        image,
        digest: judgement.digest,
        policy: judgement.ruled?.policy ?? null,
        advisories: advisoriesOf(judgement),
      },
    };
  });
}

/** Refused for now alone: a controller tries again, and somebody is looking at it. */
function isUnderWay({ status, ruled }: ImageJudgement): boolean {
  return status === 'pending' && ruled !== null;
}

function advisoriesOf({ platforms }: ImageJudgement): readonly string[] {
  const ids = platforms.flatMap(
    ({ verdict }) =>
      verdict?.blockers.list.flatMap(({ finding }) => (finding === null ? [] : [displayId(finding)])) ?? [],
  );
  return [...new Set(ids)].slice(0, mostAdvisories);
}

/** Who is told of what a review did. Called after it was answered; must not throw. */
export interface AdmissionListeners {
  /** What was decided of each image. */
  readonly onDecision?: (
    decision: Pick<ImageJudgement, 'resolved' | 'allowed' | 'status' | 'ruled' | 'reasons'>,
  ) => void;
  readonly onAdmitted?: (images: readonly Admitted[]) => void;
  readonly onRefused?: (event: PratiqueEvent) => void;
}

/** @param at ISO 8601 */
export function tell(
  listeners: AdmissionListeners,
  request: AdmissionRequest,
  admission: Admission,
  teamLabel: string,
  at: string,
): void {
  for (const { judgement } of admission.placed) listeners.onDecision?.(judgement);
  const admitted = admittedImages(request, admission, teamLabel, at);
  if (admitted.length > 0) listeners.onAdmitted?.(admitted);
  for (const event of refusalEvents(request, admission, at)) listeners.onRefused?.(event);
}
