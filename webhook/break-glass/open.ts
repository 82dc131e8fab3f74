import { noSubject, type PratiqueEvent } from '../../core/event.ts';
import { asciiLine, oneLine } from '../../policy/text.ts';
import type { AdmissionRequest, Decision } from '../review.ts';
import { workloadOf } from '../workload.ts';
import type { Glass } from './glass.ts';

/** The API server cuts warnings there when they are many (admission.k8s.io/v1, `warnings`). */
const longestWarning = 256;
const longestAudit = 1000;

/** A refusal that a break-glass lets through. */
export interface Opened {
  readonly decision: Decision;
  /** null: nothing was opened. */
  readonly glass: Glass | null;
  /** What would have been said; null as above. */
  readonly refused: string | null;
}

/**
 * What becomes of a decision where a glass is broken for the namespace of the request. A refusal becomes a warning and an
 * audit annotation that say who has opened it; everything else stays. The object has no say in it.
 * @param open those that hold now
 */
export function openedBy(
  open: readonly Glass[],
  { namespace }: Pick<AdmissionRequest, 'namespace'>,
  decision: Decision,
): Opened {
  const glass =
    decision.allowed || namespace === null
      ? undefined
      : open.find(({ namespaces }) => namespaces.includes(namespace));
  if (glass === undefined) return { decision, glass: null, refused: null };
  const refused = decision.message ?? 'refused';
  const { name, user, until, reason } = glass;
  const by = `${name} of ${oneLine(user, 200)}, until ${until}: ${reason}`;
  const warning = `Pratique: let in by the break-glass ${asciiLine(name, 80)} of ${asciiLine(user, 60)} until ${until}; without it: `;
  return {
    decision: {
      allowed: true,
      message: null,
      warnings: [
        asciiLine(`${warning}${refused.replace(/^Blocked by Pratique[:,] ?/, '')}`, longestWarning),
        ...decision.warnings,
      ],
      audit: {
        ...decision.audit,
        'break-glass': oneLine(by, longestAudit),
        'would-refuse': oneLine(refused, longestAudit),
      },
    },
    glass,
    refused,
  };
}

/** What people are told of it; of a dry run nothing. @param at ISO 8601 */
export function glassEvent(
  request: AdmissionRequest,
  { glass, refused }: Pick<Opened, 'glass' | 'refused'>,
  cluster: string | null,
  at: string,
): PratiqueEvent | null {
  if (glass === null || request.dryRun) return null;
  const workload = oneLine(workloadOf(request).name, 200);
  const where = `${workload} in ${request.namespace ?? ''}`;
  return {
    kind: 'break-glass',
    severity: 'critical',
    at,
    group: `break-glass ${cluster ?? ''}/${request.namespace ?? ''} ${glass.name}`,
    title: `${where} was let in by the break-glass ${glass.name} of ${oneLine(glass.user, 200)}`,
    reasons: [`${glass.reason} (until ${glass.until})`, oneLine(`without it: ${refused ?? ''}`, 500)],
    subject: {
      ...noSubject,
      gate: 'admission',
      cluster,
      namespace: request.namespace,
      workload,
      user: request.user === null ? null : oneLine(request.user, 200),
    },
  };
}
