import type { AskedImage } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import { formatPlatform } from '../../core/platform.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { canonicalName } from '../../core/repository.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { ReadableState } from '../../db/state.ts';
import { analyzersOf } from '../../scanner/analyzers.ts';
import type { Config } from '../config/config.ts';
import { dataPaths } from '../paths.ts';
import type { Subject } from '../recorded/answer.ts';
import { openRecordedCase } from '../recorded/recorded-case.ts';
import { addressingOf } from './names.ts';
import { findRecorded } from './recorded-image.ts';

/** A recorded image as gates are asked for it. */
export interface RecordedSubjects {
  readonly reference: string;
  readonly digest: Digest;
  readonly image: AskedImage;
  /** One for each platform that has a say. */
  readonly subjects: readonly RecordedSubject[];
}

export interface RecordedSubject extends Subject {
  /** What repositories have attached to it. */
  readonly attached: readonly AttachedVex[];
}

const seen =
  'its manifest is known, and its layers were not inspected by this version yet: pull it through the proxy';
const unseen = 'it was never asked for: pull it through the proxy';

/**
 * @param name a reference or a digest
 * @param at milliseconds since 1970
 * @throws PratiqueError `reference-invalid`, `registry-unknown`, `manifest-unknown`, `manifest-invalid`
 */
export function recordedSubjects(
  name: string,
  config: Config,
  {
    records,
    index,
    at,
  }: { readonly records: ReadableState; readonly index: AdvisoryIndex; readonly at: number },
): RecordedSubjects {
  const { reference, digest, address, images } = findRecorded(name, {
    records,
    addressing: addressingOf(config),
    platforms: config.platforms,
    file: dataPaths(config.data).state,
  });
  const analyzers = analyzersOf(config.scanner.settings);
  return {
    reference,
    digest,
    image: { upstream: address.upstream, repository: canonicalName(address) },
    subjects: images.map((image): RecordedSubject => {
      // Without an inventory nothing can be judged, whatever an earlier verdict said.
      const recorded = image.known ? openRecordedCase(image.digest, { records, index, at, analyzers }) : null;
      const platform = recorded?.inventory.platform ?? image.platform;
      return {
        digest: image.digest,
        platform: platform === null ? null : formatPlatform(platform),
        images: recorded?.images ?? records.imagesOf(image.digest),
        verdict: recorded === null ? null : ({ policy }) => recorded.verdict(policy),
        pending: image.known ? seen : unseen,
        attached: recorded?.attached ?? [],
      };
    }),
  };
}
