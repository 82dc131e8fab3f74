import type { Package } from '../core/inventory.ts';
import { declaredLicense } from './licenses.ts';
import { documentUuid, gaps, imagePurl, packageKeys, type SbomInput, wholeSeconds } from './subject.ts';

export const cycloneDxMediaType = 'application/vnd.cyclonedx+json';

interface Property {
  readonly name: string;
  readonly value: string;
}

type License = { readonly expression: string } | { readonly license: { readonly name: string } };

export interface CycloneDxComponent {
  readonly type: 'container' | 'operating-system' | 'library' | 'application';
  readonly 'bom-ref'?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly purl?: string;
  readonly licenses?: readonly License[];
  readonly properties?: readonly Property[];
}

/** A CycloneDX 1.6 document in its JSON form. */
export interface CycloneDxDocument {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly tools: { readonly components: readonly CycloneDxComponent[] };
    readonly component: CycloneDxComponent;
    readonly properties?: readonly Property[];
  };
  readonly components: readonly CycloneDxComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: string; readonly assemblies: readonly string[] }[];
}

/**
 * The inventory as CycloneDX 1.6. The same input gives the same document. What could not be read is told as
 * properties, and the composition is then `incomplete`.
 */
export function cycloneDxDocument(input: SbomInput): CycloneDxDocument {
  const { inventory, tool, created } = input;
  const root = imagePurl(input);
  const keys = packageKeys(inventory.packages);
  const components = [
    ...systemComponent(input),
    ...inventory.packages.map((one, at) => componentOf(one, `package-${keys[at] ?? ''}`)),
  ];
  const missing = gaps(input);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${documentUuid(input, 'cyclonedx')}`,
    version: 1,
    metadata: {
      timestamp: wholeSeconds(created),
      tools: { components: [{ type: 'application', name: tool.name, version: tool.version }] },
      component: {
        type: 'container',
        'bom-ref': root,
        name: input.repository,
        version: input.digest,
        purl: root,
      },
      ...(missing.length === 0
        ? {}
        : { properties: missing.map((value) => ({ name: 'pratique:incomplete', value })) }),
    },
    components,
    dependencies: [{ ref: root, dependsOn: components.map((one) => one['bom-ref'] ?? '') }],
    compositions: [{ aggregate: missing.length === 0 ? 'unknown' : 'incomplete', assemblies: [root] }],
  };
}

function systemComponent({ inventory: { os } }: SbomInput): readonly CycloneDxComponent[] {
  if (os === null) return [];
  return [
    {
      type: 'operating-system',
      'bom-ref': 'operating-system',
      name: os.id,
      ...(os.versionId === '' ? {} : { version: os.versionId }),
      ...(os.name === '' ? {} : { description: os.name }),
    },
  ];
}

function componentOf(one: Package, ref: string): CycloneDxComponent {
  const licenses = licensesOf(one.licenses);
  return {
    type: 'library',
    'bom-ref': ref,
    name: one.name,
    version: one.version,
    purl: one.purl,
    ...(licenses.length === 0 ? {} : { licenses }),
    properties: [
      { name: 'pratique:source:name', value: one.source.name },
      { name: 'pratique:source:version', value: one.source.version },
      ...(one.purl.startsWith(`pkg:${one.type}/`) ? [] : [{ name: 'pratique:type', value: one.type }]),
      ...(one.modularityLabel === undefined
        ? []
        : [{ name: 'pratique:modularityLabel', value: one.modularityLabel }]),
      ...(one.ownedBy === undefined ? [] : [{ name: 'pratique:ownedBy', value: one.ownedBy }]),
      ...(one.layer === null ? [] : [{ name: 'pratique:layer', value: one.layer }]),
      ...(one.changedIn === undefined ? [] : [{ name: 'pratique:changedIn', value: one.changedIn }]),
      ...one.paths.map((value) => ({ name: 'pratique:path', value })),
    ],
  };
}

/** One expression where SPDX has words for all of it, else the texts as they are. */
function licensesOf(texts: readonly string[]): readonly License[] {
  const { expression, extracted } = declaredLicense(texts);
  if (expression === null) return [];
  if (extracted.length === 0) return [{ expression }];
  return [...new Set(texts.map((text) => text.trim()))]
    .filter((name) => name !== '')
    .map((name) => ({ license: { name } }));
}
