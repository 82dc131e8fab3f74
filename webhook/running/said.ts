import type { AskContext } from '../../core/context.ts';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import { displayId } from '../../core/finding.ts';
import type { PlatformClearance, Ruled } from '../../core/ports/gate.ts';
import { formatReference, type ImageReference, parseImageReference } from '../../core/reference.ts';
import type { Severity } from '../../core/severity.ts';
import type { Verdict, VerdictStatus } from '../../core/verdict.ts';
import { oneLine } from '../../policy/text.ts';
import { Deadline } from '../deadline.ts';
import { type ImageJudgement, type JudgePorts, judgeImage } from '../judge.ts';
import type { NamespaceLabels } from '../namespaces.ts';
import type { Place } from './pods.ts';

/** A finding that people are told of. */
export interface ToldFinding {
  /** Its CVE where it has one. */
  readonly id: string;
  readonly package: string;
  readonly severity: Severity;
  /** null: there is none, or nobody knows of one. */
  readonly fixedVersion: string | null;
  /** Known to be exploited. */
  readonly exploited: boolean;
}

/** What is said of an image that runs, as much of it as is kept. */
export interface Said {
  readonly status: VerdictStatus;
  /** Whether it could be started now; a mode that only warns or records allows what its status does not. */
  readonly allowed: boolean;
  /** False: nobody has judged it yet, or nobody can. */
  readonly known: boolean;
  readonly ruled: Ruled | null;
  /** With its registry and digest. */
  readonly image: string;
  /** What its node says that runs: of an image or of an index; null: that is not told. */
  readonly digest: Digest | null;
  /** Manifests of platforms that were judged. */
  readonly platforms: readonly Digest[];
  /** One line. */
  readonly reason: string;
  /** Id of the rule that decided; null: none did. */
  readonly rule: string | null;
  /** null: nothing was found, or nobody has looked. */
  readonly worst: ToldFinding | null;
  /** Findings with a fixed version. */
  readonly fixable: number;
  /** ISO 8601: since when its verdict says so; null: nobody knows. */
  readonly since: string | null;
  /** Value of the label that names a team, of the Pods or of their namespace; null: there is none. */
  readonly team: string | null;
}

export interface JudgeRunningPorts extends JudgePorts {
  readonly cluster: string | null;
  readonly namespaces: NamespaceLabels;
  /** Name of the label whose value is a team. */
  readonly teamLabel: string;
  /** ISO 8601: since when a policy's verdict on an image has the status that it has; null: nobody knows. */
  readonly since: (digest: Digest, policy: string) => Promise<string | null>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Characters. */
const longestReason = 400;
/** Counts as one who sets vettings going, so that a cluster full of images leaves room for those who pull. */
const puller = 'running images';

/**
 * What is said of an image that runs, by the digest that its node has: what its tag means now is no matter.
 * @throws what is no PratiqueError: an error in Pratique itself
 */
export async function judgePlace(
  ports: JudgeRunningPorts,
  place: Place,
  milliseconds: number,
): Promise<Said> {
  const candidates = candidatesOf(place);
  const deadline = new Deadline(milliseconds, ports.now);
  const asker = await askerOf(ports, place);
  const team = teamOf(asker, ports.teamLabel);
  if (typeof candidates === 'string') return { ...nobodyKnows(place, candidates), team };
  let told: ImageJudgement | null = null;
  for (const image of candidates) {
    const judgement = await judgeImage(ports, image, asker, deadline);
    told ??= judgement;
    if (judgement.digest === null) continue;
    told = judgement;
    break;
  }
  if (told === null) throw new Error('a running image without a name');
  return { ...(await saidOf(told, ports.since)), team };
}

/** Characters (Kubernetes, "Labels and Selectors"). */
const longestLabel = 63;

function teamOf({ workloadLabels, namespaceLabels }: AskContext, teamLabel: string): string | null {
  const labels = [workloadLabels, namespaceLabels ?? {}].find((one) => Object.hasOwn(one, teamLabel));
  return labels?.[teamLabel]?.slice(0, longestLabel) ?? null;
}

async function askerOf({ cluster, namespaces }: JudgeRunningPorts, place: Place): Promise<AskContext> {
  const { namespace, labels, account } = place;
  return {
    gate: 'runtime',
    cluster,
    namespace,
    namespaceLabels: await namespaces.labelsOf(namespace),
    workloadLabels: labels,
    serviceAccount: `${namespace}/${account ?? 'default'}`,
    user: null,
    groups: [],
    puller,
  };
}

/**
 * References by the digest that runs: by the name that the Pod says, which bindings are about, then by the name under
 * which the node has it. A sentence: it cannot be told what runs.
 */
export function candidatesOf({ image, id }: Pick<Place, 'image' | 'id'>): readonly string[] | string {
  const named = readReference(image);
  const held = readReference(id.slice(id.indexOf('://') < 0 ? 0 : id.indexOf('://') + 3));
  const digest = (id.includes('@') ? held?.digest : null) ?? named?.digest ?? null;
  if (digest === null) {
    return parseDigest(id) === null
      ? 'its node does not say which digest runs'
      : `its node has it by the id ${id} alone, which is no digest of a registry: it was not pulled from one`;
  }
  const references = [named, held].flatMap((one) =>
    one === null ? [] : [formatReference({ ...one, digest })],
  );
  const [first] = references;
  if (first === undefined) return 'what its Pod and its node call it cannot be read';
  // By the name of the repository: the tag says nothing here.
  return named !== null && held !== null && sameRepository(named, held) ? [first] : references;
}

function sameRepository(a: ImageReference, b: ImageReference): boolean {
  return a.registry === b.registry && a.path === b.path;
}

function readReference(text: string): ImageReference | null {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return null;
  }
}

function nobodyKnows({ image, id }: Place, reason: string): Omit<Said, 'team'> {
  return {
    ...{ status: 'error', allowed: false, known: false, ruled: null, digest: null, platforms: [] },
    image: oneLine(image === '' ? id : image, 420),
    reason,
    ...{ rule: null, worst: null, fixable: 0, since: null },
  };
}

async function saidOf(
  judgement: ImageJudgement,
  sinceOf: JudgeRunningPorts['since'],
): Promise<Omit<Said, 'team'>> {
  const { status, allowed, ruled, resolved, digest, platforms, reason } = judgement;
  const known =
    status !== 'pending' && platforms.length > 0 && platforms.every(({ verdict }) => verdict !== null);
  const decisive = platforms.find((platform) => platform.status === status) ?? platforms[0] ?? null;
  const verdict = decisive?.verdict ?? null;
  return {
    status,
    allowed,
    known,
    ruled,
    image: oneLine(resolved, 420),
    digest,
    platforms: [...new Set(platforms.map((platform) => platform.digest))],
    reason: oneLine(reason, longestReason),
    rule: verdict?.rules.find(({ action }) => action === 'deny' || action === 'error')?.id ?? null,
    worst: verdict === null ? null : worstOf(verdict),
    fixable: verdict?.summary.fixable ?? 0,
    since: await sinceWhen(decisive, verdict, sinceOf),
  };
}

async function sinceWhen(
  decisive: PlatformClearance | null,
  verdict: Verdict | null,
  sinceOf: JudgeRunningPorts['since'],
): Promise<string | null> {
  return decisive === null || verdict === null ? null : await sinceOf(decisive.digest, verdict.policy);
}

/** What denies before what does not. */
function worstOf({ summary, blockers }: Verdict): ToldFinding | null {
  const blocking = new Set(
    blockers.list.flatMap(({ finding }) => (finding === null ? [] : [`${finding.id} ${finding.package}`])),
  );
  const found =
    summary.worst.find((one) => blocking.has(`${one.id} ${one.package}`)) ?? summary.worst[0] ?? null;
  if (found === null) return null;
  const { severity, fixedVersion } = found;
  return {
    id: oneLine(displayId(found), 100),
    package: oneLine(found.package, 200),
    severity,
    fixedVersion: fixedVersion === null ? null : oneLine(fixedVersion, 100),
    exploited: found.kev === true,
  };
}
