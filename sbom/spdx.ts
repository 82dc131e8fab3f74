import type { Package } from '../core/inventory.ts';
import { declaredLicense, type ExtractedLicense } from './licenses.ts';
import {
  documentUuid,
  gaps,
  imageName,
  imagePurl,
  packageKeys,
  type SbomInput,
  wholeSeconds,
} from './subject.ts';

export const spdxMediaType = 'application/spdx+json';

const documentId = 'SPDXRef-DOCUMENT';
const imageId = 'SPDXRef-Image';
const systemId = 'SPDXRef-OperatingSystem';
const systemTypes: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'alpm', 'opkg']);

interface ExternalRef {
  readonly referenceCategory: 'PACKAGE-MANAGER';
  readonly referenceType: 'purl';
  readonly referenceLocator: string;
}

/** A package of SPDX 2.3, section 7. */
export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: string;
  readonly supplier: 'NOASSERTION';
  readonly downloadLocation: 'NOASSERTION';
  readonly filesAnalyzed: false;
  readonly licenseConcluded: 'NOASSERTION';
  readonly licenseDeclared: string;
  readonly copyrightText: 'NOASSERTION';
  /** As the JSON schema spells them. */
  readonly primaryPackagePurpose?: 'CONTAINER' | 'OPERATING_SYSTEM';
  readonly externalRefs?: readonly ExternalRef[];
  /** `built package from: <source name> <source version>`, as other tools write and read it. */
  readonly sourceInfo?: string;
  readonly comment?: string;
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
}

export interface SpdxRelationship {
  readonly spdxElementId: string;
  readonly relationshipType: 'DESCRIBES' | 'CONTAINS';
  readonly relatedSpdxElement: string;
}

/** An SPDX 2.3 document in its JSON form. */
export interface SpdxDocument {
  readonly spdxVersion: 'SPDX-2.3';
  readonly dataLicense: 'CC0-1.0';
  readonly SPDXID: string;
  readonly name: string;
  readonly documentNamespace: string;
  readonly comment?: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly SpdxRelationship[];
  readonly hasExtractedLicensingInfos?: readonly ExtractedLicense[];
}

/**
 * The inventory as SPDX 2.3. The same input gives the same document. What could not be read is told in the
 * document's comment: a document without one claims to be whole.
 */
export function spdxDocument(input: SbomInput): SpdxDocument {
  const { inventory, tool, created } = input;
  const name = imageName(input);
  const keys = packageKeys(inventory.packages);
  const ids = inventory.packages.map((one, at) => packageId(one, keys[at] ?? ''));
  const extracted = new Map<string, ExtractedLicense>();
  const packages = inventory.packages.map((one, at) => {
    const license = declaredLicense(one);
    for (const text of license.extracted) extracted.set(text.licenseId, text);
    return packageOf(one, ids[at] ?? '', license.expression ?? 'NOASSERTION');
  });
  const missing = gaps(input);
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: documentId,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${documentUuid(input, 'spdx')}`,
    ...(missing.length === 0 ? {} : { comment: `This document is incomplete: ${missing.join('; ')}` }),
    creationInfo: { created: wholeSeconds(created), creators: [`Tool: ${tool.name}-${tool.version}`] },
    packages: [imagePackage(input), ...systemPackage(input), ...packages],
    relationships: [
      { spdxElementId: documentId, relationshipType: 'DESCRIBES', relatedSpdxElement: imageId },
      ...(inventory.os === null ? [] : [contains(imageId, systemId)]),
      ...inventory.packages.map((one, at) =>
        contains(inventory.os !== null && systemTypes.has(one.type) ? systemId : imageId, ids[at] ?? ''),
      ),
    ],
    ...(extracted.size === 0 ? {} : { hasExtractedLicensingInfos: [...extracted.values()] }),
  };
}

const unasserted = {
  supplier: 'NOASSERTION',
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const;

function contains(spdxElementId: string, relatedSpdxElement: string): SpdxRelationship {
  return { spdxElementId, relationshipType: 'CONTAINS', relatedSpdxElement };
}

function purl(referenceLocator: string): ExternalRef {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}

function imagePackage(input: SbomInput): SpdxPackage {
  const { digest } = input;
  const [algorithm = '', checksumValue = ''] = (digest ?? '').split(':');
  return {
    SPDXID: imageId,
    name: input.repository,
    ...(digest === null ? {} : { versionInfo: digest }),
    ...unasserted,
    licenseDeclared: 'NOASSERTION',
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [purl(imagePurl(input))],
    ...(digest === null ? {} : { checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue }] }),
  };
}

function systemPackage({ inventory: { os } }: SbomInput): readonly SpdxPackage[] {
  if (os === null) return [];
  return [
    {
      SPDXID: systemId,
      name: os.id,
      ...(os.versionId === '' ? {} : { versionInfo: os.versionId }),
      ...unasserted,
      licenseDeclared: 'NOASSERTION',
      primaryPackagePurpose: 'OPERATING_SYSTEM',
      ...(os.name === '' ? {} : { comment: os.name }),
    },
  ];
}

function packageOf(one: Package, SPDXID: string, licenseDeclared: string): SpdxPackage {
  const comment = [
    ...(one.purl.startsWith(`pkg:${one.type}/`) ? [] : [`type: ${one.type}`]),
    ...(one.modularityLabel === undefined ? [] : [`modularityLabel: ${one.modularityLabel}`]),
    ...(one.ownedBy === undefined ? [] : [`ownedBy: ${one.ownedBy}`]),
    ...(one.layer === null ? [] : [`layer: ${one.layer}`]),
    ...(one.changedIn === undefined ? [] : [`changedIn: ${one.changedIn}`]),
    ...one.paths.map((path) => `path: ${path}`),
  ].join('\n');
  return {
    SPDXID,
    name: one.name,
    versionInfo: one.version,
    ...unasserted,
    licenseDeclared,
    externalRefs: [purl(one.purl)],
    ...(systemTypes.has(one.type)
      ? { sourceInfo: `built package from: ${one.source.name} ${one.source.version}` }
      : {}),
    ...(comment === '' ? {} : { comment }),
  };
}

/** Letters, digits, `.` and `-` alone (SPDX 2.3, section 3.2); the key makes it unique. */
function packageId(one: Package, key: string): string {
  const name = one.name.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 60);
  return `SPDXRef-Package-${one.type}-${name}-${key}`;
}
