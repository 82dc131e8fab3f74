import { plainContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Platform } from '../core/platform.ts';
import type { Clearance, Gate, TagAnswer } from '../core/ports/gate.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { namedChildren } from '../policy/clearance/combine.ts';
import { blobsOf } from '../registry/manifest.ts';
import type { NamedImage } from './image-names.ts';

export const prefetchOutcomes = ['ready', 'stale', 'refused', 'pending', 'failed'] as const;
/** `stale`: ready, as the upstream said it last; it does not answer now. */
export type PrefetchOutcome = (typeof prefetchOutcomes)[number];

export interface Prefetched {
  readonly outcome: PrefetchOutcome;
  /** null: what the image is could not be told. */
  readonly digest: Digest | null;
  /** A sentence for a person; null where all is well. */
  readonly reason: string | null;
}

export interface PrefetchTools {
  readonly gate: Pick<Gate, 'tag' | 'resolve' | 'settled' | 'blob'>;
  /** The platforms of an index in this repository that have a say. */
  readonly platforms: (address: RepositoryAddress) => readonly Platform[];
  /** Milliseconds until an image that is not decided counts as pending. */
  readonly patience: number;
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
  readonly stopping: AbortSignal;
}

/** Between two looks at whether the server stops, milliseconds. */
const slice = 1000;
/** As many as the gate follows indexes down, and as many images as one index can name. */
const deepest = 4;
const mostImages = 1000;

const asker = plainContext('proxy');

/**
 * Lets the gate fetch and vet an image as if every platform of it were asked for, and brings its blobs. What prevents that
 * is part of the answer.
 * @throws the stop's reason; whatever is a defect
 */
export async function prefetchImage(image: NamedImage, tools: PrefetchTools): Promise<Prefetched> {
  const { address } = image;
  let digest: Digest | null = null;
  try {
    const { manifest, staleAge } = await untilStop(tools, find(image, tools.gate));
    ({ digest } = manifest);
    const clearance = await decided(address, manifest, tools);
    const [reason = clearance.status] = clearance.reasons;
    if (clearance.status === 'pending') return { outcome: 'pending', digest, reason };
    if (!clearance.allowed) {
      return { outcome: clearance.status === 'fail' ? 'refused' : 'failed', digest, reason };
    }
    await bring(address, manifest, tools);
    if (staleAge === null) return { outcome: 'ready', digest, reason: null };
    return { outcome: 'stale', digest, reason: `the upstream was heard ${staleAge} s ago` };
  } catch (error) {
    if (tools.stopping.aborted || !isPratiqueError(error)) throw error;
    return { outcome: 'failed', digest, reason: error.message };
  }
}

async function find({ address, pointer }: NamedImage, gate: PrefetchTools['gate']): Promise<TagAnswer> {
  if (pointer.kind === 'tag') return gate.tag(address, pointer.tag, 'now');
  return { manifest: await gate.resolve(address, pointer), staleAge: null };
}

async function decided(
  address: RepositoryAddress,
  manifest: StoredManifest,
  tools: PrefetchTools,
): Promise<Clearance> {
  const deadline = tools.now() + tools.patience;
  for (;;) {
    const left = Math.max(0, deadline - tools.now());
    const clearance = await untilStop(
      tools,
      tools.gate.settled(address, manifest, 'admit', asker, Math.min(slice, left)),
    );
    if (clearance.status !== 'pending' || left === 0) return clearance;
  }
}

/** Every blob of the images below, one after the other: pulls that somebody waits for go beside them. */
async function bring(
  address: RepositoryAddress,
  manifest: StoredManifest,
  tools: PrefetchTools,
): Promise<void> {
  for (const image of await imagesBelow(address, manifest, tools)) {
    for (const { digest } of blobsOf(image.manifest)) {
      const blob = await untilStop(tools, tools.gate.blob(address, digest, asker, tools.patience));
      if (!blob.allowed) {
        const [reason = blob.status] = blob.reasons;
        throw new PratiqueError('vetting-failed', `${digest} may not be served: ${reason}`, { digest });
      }
      await untilStop(tools, blob.fetch());
    }
  }
}

async function imagesBelow(
  address: RepositoryAddress,
  manifest: StoredManifest,
  tools: PrefetchTools,
): Promise<readonly StoredManifest[]> {
  const images: StoredManifest[] = [];
  const seen = new Set<Digest>();
  let level = [manifest];
  for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
    const next: StoredManifest[] = [];
    for (const stored of level) {
      if (stored.manifest.kind === 'image') {
        images.push(stored);
        continue;
      }
      for (const { digest } of namedChildren(stored.manifest.manifests, tools.platforms(address))) {
        if (seen.has(digest)) continue;
        seen.add(digest);
        if (seen.size > mostImages) {
          throw new PratiqueError('limit-exceeded', `the index names more than ${mostImages} manifests`);
        }
        next.push(await untilStop(tools, tools.gate.resolve(address, { kind: 'digest', digest })));
      }
    }
    level = next;
  }
  return images;
}

/** What goes on when the server stops is nobody's any more. */
async function untilStop<Value>({ stopping }: PrefetchTools, work: Promise<Value>): Promise<Value> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('the server stops'));
    if (stopping.aborted) stop();
    else stopping.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    stopping.removeEventListener('abort', stop);
  }
}
