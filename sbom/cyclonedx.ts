import type { Finding } from '../core/finding.ts';
import type { Package } from '../core/inventory.ts';
import type { Suppressed } from '../core/verdict.ts';
import { declaredLicense } from './licenses.ts';
import { documentUuid, gaps, imagePurl, packageKeys, type SbomInput, wholeSeconds } from './subject.ts';
import { type CycloneDxVulnerability, vulnerabilitiesOf } from './vulnerabilities.ts';

export const cycloneDxMediaType = 'application/vnd.cyclonedx+json';

interface Property {
  readonly name: string;
  readonly value: string;
}

interface License {
  readonly expression: string;
}

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
  readonly vulnerabilities?: readonly CycloneDxVulnerability[];
}

/** What was found in an image, where a document is to tell that too. */
export interface FoundInIt {
  readonly found?: readonly Finding[];
  readonly suppressed?: readonly Suppressed[];
}

/**
 * The inventory as CycloneDX 1.6. The same input gives the same document. What could not be read is told as
 * properties, and the composition is then `incomplete`.
 */
export function cycloneDxDocument(input: SbomInput & FoundInIt): CycloneDxDocument {
  const { inventory, tool, created } = input;
  const root = imagePurl(input);
  const refs = packageKeys(inventory.packages).map((key) => `package-${key}`);
  const components = [
    ...systemComponent(input),
    ...inventory.packages.map((one, at) => componentOf(one, refs[at] ?? '')),
  ];
  const { found = null, suppressed = [] } = input;
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
        ...(input.digest === null ? {} : { version: input.digest }),
        purl: root,
      },
      ...(missing.length === 0
        ? {}
        : { properties: missing.map((value) => ({ name: 'pratique:incomplete', value })) }),
    },
    components,
    dependencies: [{ ref: root, dependsOn: components.map((one) => one['bom-ref'] ?? '') }],
    compositions: [{ aggregate: missing.length === 0 ? 'unknown' : 'incomplete', assemblies: [root] }],
    ...(found === null
      ? {}
      : { vulnerabilities: vulnerabilitiesOf(inventory.packages, refs, found, suppressed) }),
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
  const { expression } = declaredLicense(one);
  return {
    type: 'library',
    'bom-ref': ref,
    name: one.name,
    version: one.version,
    purl: one.purl,
    ...(expression === null ? {} : { licenses: [{ expression }] }),
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
      ...(one.licenseTexts ?? []).map((value) => ({ name: 'pratique:license', value })),
    ],
  };
}
