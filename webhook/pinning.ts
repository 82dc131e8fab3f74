import type { AskContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError } from '../core/errors.ts';
import type { Addressing } from '../core/ports/gate.ts';
import { pointerOf } from '../core/reference.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { Bound, Selection } from '../policy/bindings/binding.ts';
import { type Deadline, late } from './deadline.ts';
import { askedImage, type JudgePorts } from './judge.ts';
import { type NamedImage, readImage } from './names.ts';

/** What the mutating webhook makes of images. */
export interface MutateSettings {
  /** Whether tags are pinned to digests. */
  readonly pin: boolean;
  /** Whether templates are changed as Pods are. */
  readonly templates: boolean;
  /** Host of the proxy that images are named through; null: they stay as they are. */
  readonly rewriteTo: string | null;
}

/** The digest that an image is to be run by. */
export interface Pin {
  /** null: it stays as it is. */
  readonly digest: Digest | null;
  /** Why it stays without one, a sentence without the image's name; null: it is not to be told. */
  readonly unpinned: string | null;
}

const asItIs: Pin = { digest: null, unpinned: null };

/**
 * What an image's tag stands for: that which the repository itself holds there, of an index with all platforms, so that every
 * node can run it. Nothing is judged here: the validating webhook judges what has become of the object, by just this
 * digest.
 * @throws what is no PratiqueError: an error in Pratique itself
 */
export async function pinOf(
  ports: JudgePorts,
  { reference, address }: NamedImage,
  asker: AskContext,
  deadline: Deadline,
): Promise<Pin> {
  if (reference.digest !== null) return asItIs;
  const { registry } = reference;
  const bounds = actingBounds(ports.rulebook().select(asker, askedImage(reference, address)));
  if (bounds.length === 0) return asItIs;
  if (address === null) {
    // Else the validating webhook says it, and refuses it.
    const isLetIn = bounds.every(
      ({ binding }) => binding.mode === 'warn' || binding.unknownRegistry === 'allow',
    );
    return isLetIn ? { digest: null, unpinned: `the registry ${registry} is not known to Pratique` } : asItIs;
  }
  try {
    const found = await deadline.race(ports.gate.find(address, pointerOf(reference), deadline.left, asker));
    if (found !== late) return { digest: found.digest, unpinned: null };
    return { digest: null, unpinned: `${registry} was asked, and has not answered` };
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return { digest: null, unpinned: error.message };
  }
}

/** The text that an image gets: named through the proxy where that is wanted, and with its digest. */
export function textWith(
  addressing: Addressing,
  { rewriteTo }: Pick<MutateSettings, 'rewriteTo'>,
  read: NamedImage,
  { digest }: Pick<Pin, 'digest'>,
): string {
  const text = rewritten(addressing, rewriteTo, read);
  return digest === null ? text : `${text}@${digest}`;
}

/**
 * The bindings for which something is changed. Where they only record, or look at nothing, nothing is; and where an
 * image is refused or let through without a look, nobody has vetted a digest.
 */
function actingBounds(selection: Selection): readonly Bound[] {
  if (selection.kind !== 'bound') return [];
  return selection.bounds.filter(({ binding: { mode } }) => mode === 'enforce' || mode === 'warn');
}

/**
 * The name by which the proxy serves an image. What is named through the proxy already stays as it is, and so does every
 * name that would not mean the same image there.
 */
function rewritten(
  addressing: Addressing,
  to: string | null,
  { image, reference, address }: NamedImage,
): string {
  if (to === null || address === null || addressing.isOwn(reference.registry)) return image;
  const path = `${address.upstream}/${address.path}`;
  if (!isSame(addressing.locate(to, path), address)) return image;
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  const digest = reference.digest === null ? '' : `@${reference.digest}`;
  return `${to}/${path}${tag}${digest}`;
}

function isSame(a: RepositoryAddress | null, b: RepositoryAddress): boolean {
  return a !== null && a.upstream === b.upstream && a.path === b.path;
}

/**
 * The text that a place had before, where the new one means the same image by its tag: whoever sends an object again as he
 * wrote it has not asked for anything, and it must not be started anew with what the tag means by now.
 */
export function keptPin(addressing: Addressing, before: string | undefined, read: NamedImage): string | null {
  if (before === undefined || read.address === null || read.reference.digest !== null) return null;
  const old = readImage(addressing, before);
  if (!('reference' in old) || old.address === null || old.reference.digest === null) return null;
  const isSameTag = tagOf(old) === tagOf(read);
  return isSameTag && isSame(old.address, read.address) ? before : null;
}

function tagOf({ reference: { tag } }: NamedImage): string {
  return tag ?? 'latest';
}
