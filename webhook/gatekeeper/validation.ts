import type { AskContext } from '../../core/context.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { oneLine } from '../../policy/text.ts';
import type { ClientAuthority } from '../client-certificates.ts';
import { Deadline, late, mapBounded } from '../deadline.ts';
import { type Answer, type Call, type Door, json, problem } from '../door.ts';
import { type ImageJudgement, type JudgePorts, judgeImage } from '../judge.ts';
import type { NamespaceLabels } from '../namespaces.ts';
import type { AdmissionListeners } from '../telling.ts';
import { type AskedKey, parseKey } from './key.ts';
import { formatProviderResponse, type Item, parseProviderRequest } from './provider.ts';

export interface GatekeeperOptions extends JudgePorts, Pick<AdmissionListeners, 'onDecision'> {
  readonly cluster: string | null;
  readonly namespaces: NamespaceLabels | null;
  readonly logger: Logger;
  /** Milliseconds of a clock that nobody sets, for deadlines. */
  readonly ticks: () => number;
  /** Milliseconds in which it is answered, whatever is known by then. */
  readonly within: number;
  /** Of Gatekeeper's own certificate; null: anybody is answered. */
  readonly clients: ClientAuthority | null;
}

/** Keys of one request: the images of one object. */
export const mostKeys = 100;
export const atOnce = 8;
const mostPassing = 5;

/** `/gatekeeper`: for ConstraintTemplates, whether images may run for who is named beside them. */
export function gatekeeperDoor(options: GatekeeperOptions): Door {
  return {
    path: '/gatekeeper',
    takes: 'a provider request',
    protocol: 'TLSv1.3',
    clients: options.clients,
    handle: (call) => answerKeys(options, call),
  };
}

async function answerKeys(options: GatekeeperOptions, { body, elapsed }: Call): Promise<Answer> {
  const { value: keys, refused } = parseProviderRequest(body);
  if (keys === null) return problem(400, refused);
  if (keys.length > mostKeys) return json(formatProviderResponse([], tooMany(keys.length)));
  const deadline = new Deadline(options.within - elapsed(), options.ticks);
  const spoken = await mapBounded(keys, atOnce, (key) => speak(options, key, deadline));
  const items = spoken.flatMap(({ item }) => item ?? []);
  const passing = spoken.flatMap((one) => one.passing ?? []);
  return json(formatProviderResponse(items, passing.length === 0 ? null : together(passing)), () => {
    const judgements = spoken.flatMap(({ judgement }) => judgement ?? []);
    const refusedImages = judgements.filter(({ allowed }) => !allowed).map(({ resolved }) => resolved);
    options.logger.info(
      {
        keys: keys.length,
        refused: refusedImages.slice(0, 10),
        passing: passing.length,
        milliseconds: Math.round(elapsed()),
      },
      'keys of Gatekeeper answered',
    );
    for (const judgement of judgements) options.onDecision?.(judgement);
  });
}

interface Spoken {
  /** Left out where it would be another one soon. */
  readonly item: Item | null;
  readonly passing: string | null;
  readonly judgement: ImageJudgement | null;
}

/** An error of our own is one that passes, so that Gatekeeper does not keep it; it is no answer either. */
async function speak(options: GatekeeperOptions, key: string, deadline: Deadline): Promise<Spoken> {
  const read = parseKey(key);
  if (typeof read === 'string') return { item: { key, error: read }, passing: null, judgement: null };
  try {
    const judgement = await judgeImage(options, read.image, await askerOf(options, read, deadline), deadline);
    const { allowed, transient, resolved, reason } = judgement;
    return transient && !allowed
      ? { item: null, passing: `${oneLine(resolved, 420)}: ${reason}`, judgement }
      : { item: { key, value: toldOf(judgement) }, passing: null, judgement };
  } catch (error) {
    options.logger.error(
      { err: error, namespace: read.namespace },
      'a key of Gatekeeper could not be judged',
    );
    return {
      item: null,
      passing: 'an error inside Pratique, see its log; try again',
      judgement: null,
    };
  }
}

async function askerOf(
  { namespaces, cluster }: GatekeeperOptions,
  { namespace, labels, serviceAccount, user, groups }: AskedKey,
  deadline: Deadline,
): Promise<AskContext> {
  const read = namespaces === null ? null : await deadline.race(namespaces.labelsOf(namespace));
  return {
    ...{ gate: 'admission', cluster, namespace, namespaceLabels: read === late ? null : read },
    workloadLabels: labels,
    serviceAccount: `${namespace}/${serviceAccount ?? 'default'}`,
    ...{ user, groups },
  };
}

/** For Rego: texts are there whatever is said, empty where there is nothing to say. */
function toldOf({ allowed, status, resolved, digest, reason, ruled }: ImageJudgement): object {
  return {
    ...{ allowed, status, reason },
    image: oneLine(resolved, 420),
    digest: digest ?? '',
    binding: ruled?.binding ?? '',
    policy: ruled?.policy ?? '',
    mode: ruled?.mode ?? '',
  };
}

function together(passing: readonly string[]): string {
  const more = passing.length - mostPassing;
  return [...passing.slice(0, mostPassing), ...(more > 0 ? [`and ${more} more images`] : [])].join('; ');
}

export function tooMany(keys: number): string {
  return `${keys} keys were asked for, and at most ${mostKeys} are answered at once`;
}
