import { readFile, stat } from 'node:fs/promises';
import { checkIds } from '../../core/check.ts';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { type Inventory, systemPackageTypes } from '../../core/inventory.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { boundsOfNamed, readSbom, type SbomReading } from '../../scanner/documents/index.ts';
import { createLicenseReader } from '../../scanner/licenses/index.ts';
import type { ScanResult } from '../report/scan-result.ts';
import { judge, nowhere, type ScanTools } from './scan-image.ts';

/** Bytes; the documents of large images have some 50 MB. */
const largestDocument = 256 * 1024 ** 2;

/**
 * Judges what a bill of materials lists, as if it were the image. What a list of packages cannot tell is said in the result.
 * @throws PratiqueError `usage-invalid` where it is none that is read here
 */
export async function scanSbom(file: string, tools: ScanTools): Promise<ScanResult> {
  const bytes = await bytesOf(file);
  const reading = readSbom(bytes, boundsOfNamed);
  if (reading.kind === 'none') throw refused(file, otherForm(bytes) ?? reading.why);
  const notTold = [
    'a bill of materials lists packages: no file was looked at, so that checks of the image were not made and nothing says that the list is whole',
    ...reading.unknown,
  ];
  return judge({ ...nowhere, reference: `sbom:${file}`, notTold }, inventoryOf(reading), [], tools);
}

function inventoryOf({ packages, os, incomplete }: SbomReading & { readonly kind: 'packages' }): Inventory {
  const licensesOf = createLicenseReader();
  const gaps = incomplete.map((why) => ({ what: 'the bill of materials', why }));
  if (os !== null && !packages.some(({ type }) => systemPackageTypes.has(type))) {
    gaps.push({ what: 'the bill of materials', why: `it is of ${os.name} and lists no package of it` });
  }
  return {
    os,
    platform: null,
    packages: packages.map(({ within: _, ...one }) => ({ ...one, ...licensesOf(one.type, one.licenses) })),
    incomplete: gaps,
    unfit: [],
    analyzers: ANALYZERS,
    content: 'image',
    facts: null,
    checks: [],
    unchecked: checkIds,
  };
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > largestDocument)
      throw refused(file, `it has ${size} bytes, at most ${largestDocument} are read`);
    return await readFile(file);
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw refused(file, errorText(error));
  }
}

/** What people have lying around and is not read, by its name; null: none of these. */
function otherForm(bytes: Buffer): string | null {
  const start = bytes
    .toString('utf8', 0, 2000)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (start.startsWith('<')) {
    const name = /cyclonedx/i.test(start) ? 'CycloneDX' : /spdx/i.test(start) ? 'SPDX' : 'a document';
    return `it is ${name} in XML, which is not read here; write it as JSON`;
  }
  return start.startsWith('SPDXVersion:')
    ? 'it is SPDX as tags and values, which is not read here; write it as JSON'
    : null;
}

function refused(file: string, why: string): PratiqueError {
  return new PratiqueError('usage-invalid', `sbom:${file} cannot be scanned: ${why}`, { file });
}
