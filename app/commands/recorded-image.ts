import { existsSync } from 'node:fs';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Platform } from '../../core/platform.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import type { ManifestRecord } from '../../core/ports/records.ts';
import { formatPointer, type RepositoryAddress } from '../../core/repository.ts';
import { openStateReadOnly, type ReadableState } from '../../db/state.ts';
import { namedChildren, noNamedPlatform } from '../../policy/clearance/combine.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { hostedAddress, namedImage } from './image-address.ts';

export interface RecordedImage {
  readonly digest: Digest;
  /** What the index says it is for. */
  readonly platform: Platform | null;
  /** Whether the manifest itself is recorded. */
  readonly known: boolean;
}

export interface Recorded {
  readonly reference: string;
  readonly digest: Digest;
  /** A repository that holds it: the one that was named, else any. */
  readonly address: RepositoryAddress;
  /** One; for an index those that have a say. */
  readonly images: readonly RecordedImage[];
}

export interface RecordedPlaces {
  readonly records: ReadableState;
  readonly addressing: Addressing;
  readonly platforms: readonly Platform[];
  /** The state file, for messages. */
  readonly file: string;
}

/** How deep indexes may nest (ADR 0002). */
const deepest = 4;
/** Manifests that one index may lead to (ADR 0002). */
const mostImages = 1000;

/** @throws PratiqueError `manifest-unknown` where there are no records yet, `data-unusable` */
export function openRecorded(file: string, image: string): ReadableState {
  if (!existsSync(file)) throw unknown(image, file);
  try {
    return openStateReadOnly(file);
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw new PratiqueError(
      'data-unusable',
      `${file} cannot be used as Pratique's records: ${errorText(error)}`,
      { file },
      error,
    );
  }
}

/**
 * The platform images that a name or a digest stands for, as far as is recorded.
 * @throws PratiqueError `reference-invalid`, `registry-unknown`, `manifest-unknown`, `manifest-invalid`
 */
export function findRecorded(image: string, places: RecordedPlaces): Recorded {
  const bare = parseDigest(image);
  const { address, digest, reference } =
    bare === null ? byReference(image, places) : byDigest(bare, image, places);
  const record = places.records.getManifest(address, digest);
  if (record === null) throw unknown(reference, places.file);
  const images = imagesOf(record, null, address, places, 0);
  if (images.length > mostImages) {
    throw new PratiqueError('manifest-invalid', `${digest} leads to more than ${mostImages} manifests`);
  }
  return { reference, digest, address, images };
}

interface Found {
  readonly address: RepositoryAddress;
  readonly digest: Digest;
  readonly reference: string;
}

function byReference(image: string, places: RecordedPlaces): Found {
  const { address, pointer } = namedImage(image, places.addressing);
  const reference = formatPointer(address, pointer);
  const digest = pointer.kind === 'digest' ? pointer.digest : places.records.getTag(address, pointer.tag);
  if (digest === null) throw unknown(reference, places.file);
  return { address, digest, reference };
}

/** Any repository that holds it will do: the bytes are the same, and its names all count. */
function byDigest(digest: Digest, image: string, places: RecordedPlaces): Found {
  for (const name of places.records.imagesOf(digest)) {
    const slash = name.indexOf('/');
    const address =
      hostedAddress(name, name) ?? places.addressing.locate(name.slice(0, slash), name.slice(slash + 1));
    if (address !== null && places.records.getManifest(address, digest) !== null)
      return { address, digest, reference: formatPointer(address, { kind: 'digest', digest }) };
  }
  throw unknown(image, places.file);
}

function imagesOf(
  record: ManifestRecord,
  platform: Platform | null,
  address: RepositoryAddress,
  places: RecordedPlaces,
  depth: number,
): RecordedImage[] {
  const manifest = parseManifest(record.bytes, record.mediaType);
  if (manifest.kind === 'image') return [{ digest: record.digest, platform, known: true }];
  if (manifest.hazards.length > 0 || depth >= deepest) {
    const why = manifest.hazards[0] ?? `indexes nest deeper than ${deepest} levels`;
    throw new PratiqueError('manifest-invalid', `${record.digest}: ${why}`);
  }
  const children = namedChildren(manifest.manifests, places.platforms);
  if (children.length === 0) {
    const why = noNamedPlatform(manifest.manifests, places.platforms);
    throw new PratiqueError('manifest-invalid', `${record.digest}: ${why}`);
  }
  return children.flatMap((child) => {
    const next = places.records.getManifest(address, child.digest);
    if (next === null) return [{ digest: child.digest, platform: child.platform, known: false }];
    return imagesOf(next, child.platform, address, places, depth + 1);
  });
}

function unknown(image: string, file: string): PratiqueError {
  const target = parseDigest(image) === null ? image : 'NAME@DIGEST';
  return new PratiqueError(
    'manifest-unknown',
    `nothing is recorded of ${image} in ${file}: pull it through the proxy first, or inspect it now with "pratique scan ${target}"`,
    { image, file },
  );
}
