import type { AskContext, AskedImage } from '../core/context.ts';
import { explainClearance } from '../core/denial.ts';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError, type PratiqueError } from '../core/errors.ts';
import type { Addressing, Clearance, PlatformClearance, Ruled } from '../core/ports/gate.ts';
import { formatReference, type ImageReference, pointerOf } from '../core/reference.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { VerdictStatus } from '../core/verdict.ts';
import { oneLine } from '../policy/text.ts';
import { type Deadline, late } from './deadline.ts';
import type { ImageGate } from './image-gate.ts';
import { type NamedImage, readImage, type UnreadImage } from './names.ts';
import { type AdmissionRules, ruleUnseen, type Unseen, type UnseenRuling, withoutLooking } from './unseen.ts';

/** What is said of one image. */
export interface ImageJudgement {
  /** As the object writes it. */
  readonly image: string;
  /** With its registry, and with the digest that its tag stands for now. */
  readonly resolved: string;
  readonly digest: Digest | null;
  /** What is said of it; whether that is acted on is in `allowed`. */
  readonly status: VerdictStatus;
  readonly allowed: boolean;
  /** Which binding has decided; null where none has had a say. */
  readonly ruled: Ruled | null;
  /** One line for a person; empty where it passes. */
  readonly reason: string;
  /** The same as single sentences. */
  readonly reasons: readonly string[];
  /** Whether it may be another one soon, by itself: it is being inspected, or something was away. */
  readonly transient: boolean;
  /** Empty where nobody has looked. */
  readonly platforms: readonly PlatformClearance[];
}

export interface JudgePorts {
  readonly gate: ImageGate;
  readonly addressing: Addressing;
  /** The policy set in force, for images that the gate says nothing of. */
  readonly rulebook: () => AdmissionRules;
}

/** Characters; a message may have to hold several. */
const longestReason = 1000;
const inspected = 'it is being inspected';
/** Most images have been inspected by then. */
const soon = '10 s';
/** Characters of a text that is no reference. */
const longestShown = 420;

/**
 * Whether one image may run for who asks. Waits no longer than the deadline; what is not known by then is ruled by the
 * bindings as an image that is not known. Text that is no reference is refused in every mode: no rule could know it.
 * @throws what is no PratiqueError: an error in Pratique itself
 */
export async function judgeImage(
  ports: JudgePorts,
  image: string,
  asker: AskContext,
  deadline: Deadline,
): Promise<ImageJudgement> {
  const judged = judgeNow(ports, readImage(ports.addressing, image), asker);
  return typeof judged === 'function' ? judged(deadline) : judged;
}

/** What is said of one image, or how that is found out where somebody has to be waited for. */
export type Judging = ImageJudgement | ((deadline: Deadline) => Promise<ImageJudgement>);

/** As `judgeImage`, for a text that is read already. Does not wait. */
export function judgeNow(ports: JudgePorts, read: NamedImage | UnreadImage, asker: AskContext): Judging {
  const { image } = read;
  if ('why' in read) {
    const unread = { image, resolved: oneLine(image, longestShown), digest: null };
    return ofRuling(unread, { status: 'error', allowed: false, reasons: [read.why], ruled: null });
  }
  const { reference, address } = read;
  if (address === null) {
    return ruledUnseen(ports, read, asker, null, {
      status: 'registry-unknown',
      reason: unknownText(ports.addressing, reference),
    });
  }
  // What is decided without a look is not asked of the upstream either.
  const decided = withoutLooking(ports.rulebook().select(asker, askedImage(reference, address)));
  if (decided !== null) return ofRuling(namedBy(read, null), decided);
  const known = ports.gate.known(address, pointerOf(reference), asker);
  if (known === null) return (deadline) => judgeInTime(ports, read, address, asker, deadline);
  return judgement(namedBy(read, known.digest), known.clearance);
}

async function judgeInTime(
  ports: JudgePorts,
  read: NamedImage,
  address: RepositoryAddress,
  asker: AskContext,
  deadline: Deadline,
): Promise<ImageJudgement> {
  const { reference } = read;
  let digest: Digest | null = null;
  const rule = (unseen: Unseen, transient = false): ImageJudgement =>
    ruledUnseen(ports, read, asker, digest, unseen, transient);
  try {
    const found = await deadline.race(ports.gate.find(address, pointerOf(reference), deadline.left, asker));
    if (found === late) {
      return rule({ status: 'pending', reason: `${reference.registry} was asked, and has not answered` });
    }
    digest = found.digest;
    // A gate that waits too long must not hold the answer back.
    const clearance = await deadline.race(found.settled(asker, deadline.left));
    return clearance === late
      ? rule({ status: 'pending', reason: inspected })
      : judgement(namedBy(read, digest), clearance);
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    if (isUnanswered(error)) return rule({ status: 'pending', reason: error.message }, true);
    return rule({ status: 'error', reason: `${error.message}${hintOf(error)}` }, error.transient);
  }
}

/** Whoever reads it has mostly written the image, and seldom runs Pratique. */
function unknownText(addressing: Addressing, { registry, path }: ImageReference): string {
  return addressing.isOwn(registry)
    ? `${registry} is Pratique's own, and none of its upstreams has the name with which "${path}" begins`
    : `the registry ${registry} is not known to Pratique: add it to its upstreams (ask who runs Pratique), or use a registry that is known`;
}

function hintOf({ code, transient }: PratiqueError): string {
  if (code === 'manifest-unknown') return ': check the name and the tag; if it is pushed later, try again';
  return transient ? ' (try again)' : '';
}

/** The proxy of a gate on its own feet has said nothing of the image: it is not known yet. */
function isUnanswered({ code }: PratiqueError): boolean {
  return code === 'proxy-unreachable' || code === 'proxy-refused' || code === 'proxy-misbehaved';
}

type Named = Pick<ImageJudgement, 'image' | 'resolved' | 'digest'>;

function namedBy({ image, reference }: NamedImage, digest: Digest | null): Named {
  return { image, resolved: formatReference(digest === null ? reference : { ...reference, digest }), digest };
}

/** What the bindings say of an image that nobody has looked at, or of which nobody knows yet. */
function ruledUnseen(
  { rulebook }: Pick<JudgePorts, 'rulebook'>,
  read: NamedImage,
  asker: AskContext,
  digest: Digest | null,
  unseen: Unseen,
  transient = false,
): ImageJudgement {
  const image = askedImage(read.reference, read.address);
  return ofRuling(namedBy(read, digest), ruleUnseen(rulebook(), asker, image, unseen), transient);
}

function ofRuling(named: Named, ruling: UnseenRuling, transient = false): ImageJudgement {
  return {
    ...judgement(named, { ...ruling, platforms: [], transient: false }),
    transient: transient || ruling.status === 'pending',
  };
}

function judgement(named: Named, clearance: Omit<Clearance, 'digest'>): ImageJudgement {
  const { image, resolved, digest } = named;
  const { status, allowed, ruled, reasons, platforms, transient } = clearance;
  const reason = status === 'pass' && allowed ? '' : why(clearance);
  // Spelled out: three of these are made for every review, and copies of other objects are slow.
  return { image, resolved, digest, status, allowed, ruled, reason, reasons, transient, platforms };
}

function why(clearance: Omit<Clearance, 'digest'>): string {
  const { status, allowed, reasons, transient } = clearance;
  if (status === 'pending' && !allowed) {
    return explainClearance(
      { ...clearance, reasons: [`not yet: ${reasons[0] ?? inspected}; try again in ${soon}`] },
      longestReason,
    );
  }
  const told = transient && !allowed ? reasons.map((text) => `${text} (try again)`).slice(0, 1) : [];
  return explainClearance({ ...clearance, reasons: [...told, ...reasons.slice(told.length)] }, longestReason);
}

/** What bindings see of an image. */
export function askedImage(reference: ImageReference, address: RepositoryAddress | null): AskedImage {
  return address === null
    ? { upstream: null, repository: `${reference.registry}/${reference.path}` }
    : { upstream: address.upstream, repository: canonicalName(address) };
}
