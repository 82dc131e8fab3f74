import type { OperatingSystem } from '../../core/inventory.ts';
import { type JsonBounds, jsonOf, objectOf } from '../catalogers/json.ts';
import { readCycloneDx } from './cyclonedx.ts';
import { textIn } from './fields.ts';
import type { DocumentPackage } from './package.ts';
import { readSpdx } from './spdx.ts';

export type { DocumentPackage } from './package.ts';

/** What a bill of materials tells. */
export type SbomReading =
  | {
      readonly kind: 'packages';
      readonly format: 'cyclonedx' | 'spdx';
      /** In the document's order. */
      readonly packages: readonly DocumentPackage[];
      /** As the document names it, or as its packages' URLs agree on it. */
      readonly os: OperatingSystem | null;
      /** What the document says that it does not tell, and what of it could not be read; sentences. */
      readonly incomplete: readonly string[];
      /** What it tells of and no advisories can be asked about; sentences. */
      readonly unknown: readonly string[];
    }
  | {
      readonly kind: 'none';
      /** A sentence about the document. */
      readonly why: string;
    };

/** For a document that somebody names himself: those of large images have 50 MB. */
export const boundsOfNamed: JsonBounds = { values: 10_000_000, members: 10_000_000 };

/**
 * Reads a CycloneDX (1.2 to 1.6) or SPDX (2.2, 2.3) document in its JSON form. What Pratique wrote gives the packages that it
 * was written from. Never throws; memory grows with the document's size alone, which the caller bounds.
 */
export function readSbom(bytes: Buffer, bounds?: JsonBounds): SbomReading {
  const json = jsonOf(bytes, bounds);
  if ('fault' in json) return { kind: 'none', why: json.fault };
  const document = objectOf(json.value);
  if (document === null) return { kind: 'none', why: 'it is no JSON object' };
  const version = textIn(document, 'spdxVersion');
  const isCycloneDx = textIn(document, 'bomFormat') === 'CycloneDX';
  if (!isCycloneDx && !version.startsWith('SPDX-2.')) {
    return { kind: 'none', why: 'it says neither "bomFormat": "CycloneDX" nor "spdxVersion": "SPDX-2.…"' };
  }
  const { components, os } = isCycloneDx ? readCycloneDx(document) : readSpdx(document);
  return {
    kind: 'packages',
    format: isCycloneDx ? 'cyclonedx' : 'spdx',
    packages: components.packages,
    os: os ?? components.system(),
    incomplete: [...components.incomplete],
    unknown: components.unknown(),
  };
}
