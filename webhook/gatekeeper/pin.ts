import { isPratiqueError } from '../../core/errors.ts';
import {
  formatReference,
  type ImageReference,
  parseImageReference,
  pointerOf,
} from '../../core/reference.ts';
import { oneLine } from '../../policy/text.ts';
import { Deadline, late, mapBounded } from '../deadline.ts';
import { type Answer, type Call, type Door, json, problem } from '../door.ts';
import { formatProviderResponse, type Item, parseProviderRequest } from './provider.ts';
import { atOnce, type GatekeeperOptions, mostKeys, tooMany } from './validation.ts';

type PinOptions = Pick<GatekeeperOptions, 'gate' | 'addressing' | 'ticks' | 'within' | 'clients' | 'logger'>;

/**
 * `/gatekeeper/pin`: for Gatekeeper's mutations, each image with the digest that its tag stands for now. It says nothing of
 * whether the image may run: the key is the image alone, and who asks is not told to a mutation's provider.
 */
export function pinDoor(options: PinOptions): Door {
  return {
    path: '/gatekeeper/pin',
    takes: 'a provider request',
    protocol: 'TLSv1.3',
    clients: options.clients,
    handle: (call) => answerImages(options, call),
  };
}

async function answerImages(options: PinOptions, { body, elapsed }: Call): Promise<Answer> {
  const { value: images, refused } = parseProviderRequest(body);
  if (images === null) return problem(400, refused);
  if (images.length > mostKeys) return json(formatProviderResponse([], tooMany(images.length)));
  const deadline = new Deadline(options.within - elapsed(), options.ticks);
  const pinned = await mapBounded(images, atOnce, (image) => pin(options, image, deadline));
  const items = pinned.flatMap((one): Item[] => ('value' in one ? [one] : []));
  const [passing] = pinned.flatMap((one) => ('passing' in one ? [one.passing] : []));
  return json(formatProviderResponse(items, passing ?? null), () => {
    const milliseconds = Math.round(elapsed());
    options.logger.info(
      { images: images.length, pinned: items.length, milliseconds },
      'images pinned for Gatekeeper',
    );
  });
}

type Pinned = { readonly key: string; readonly value: string } | { readonly passing: string };

/** What cannot be pinned stays as it is: whoever validates the object says what is wrong with it. */
/** A mutation's provider is told the image alone. */
const nobody = { namespace: null };

async function pin(options: PinOptions, image: string, deadline: Deadline): Promise<Pinned> {
  const same = { key: image, value: image };
  try {
    const reference = parseImageReference(image);
    const address = options.addressing.locate(reference.registry, reference.path);
    if (address === null || reference.digest !== null) return same;
    const found = await deadline.race(
      options.gate.find(address, pointerOf(reference), deadline.left, nobody),
    );
    return found === late
      ? {
          passing: `${oneLine(image, 420)}: ${reference.registry} was asked, and has not answered; try again`,
        }
      : { key: image, value: pinnedText(reference, found) };
  } catch (error) {
    if (isPratiqueError(error)) {
      return error.transient ? { passing: `${oneLine(image, 420)}: ${error.message} (try again)` } : same;
    }
    options.logger.error({ err: error }, 'an image could not be pinned for Gatekeeper');
    return { passing: 'an error inside Pratique, see its log; try again' };
  }
}

function pinnedText(reference: ImageReference, { digest }: Pick<ImageReference, 'digest'>): string {
  return formatReference({ ...reference, digest });
}
