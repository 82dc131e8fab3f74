import { type AskedImage, plainContext } from '../../core/context.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../core/platform.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { OtherScannerName } from '../../core/ports/scanner.ts';
import { formatReference, type ImageReference } from '../../core/reference.ts';
import { hostedUpstream } from '../../core/repository.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import type { BeforeScanRule } from '../../policy/bindings/binding.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { withDocuments } from '../../policy/vex/with-documents.ts';
import { layerAnalyzersOf } from '../../scanner/analyzers.ts';
import { layerLimitsFor } from '../../scanner/limits.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { askedImage } from '../recorded/places.ts';
import { type ScanFormat, scanDocument, unscannedDocument } from '../report/scan-document.ts';
import { worstFirst } from '../report/scan-report.ts';
import type { ScanResult } from '../report/scan-result.ts';
import { openArchive } from '../scan/archive/archive.ts';
import { openDockerArchive } from '../scan/docker-archive.ts';
import { LayerReaders } from '../scan/layer-readers.ts';
import { LayerShelf } from '../scan/layer-shelf.ts';
import { layoutArchive, layoutFolder } from '../scan/layout-place.ts';
import { openLayout } from '../scan/layout-source.ts';
import { noOthers, type OtherScans } from '../scan/others.ts';
import { isPlatform, type ScanTools, scanDirectory, scanImage } from '../scan/scan-image.ts';
import { scanSbom } from '../scan/scan-sbom.ts';
import type { ImageSource } from '../scan/source.ts';
import { readVersion } from '../version.ts';
import { addressingOf, canonicalReference } from './names.ts';
import { exitCodeOf } from './outcome.ts';
import { chosenSet, grantedExceptions } from './policy-source.ts';
import { printerTo } from './print.ts';
import { createProgress } from './progress.ts';
import { type ArchiveTarget, parseTarget, type Target } from './target.ts';
import { readVexFile } from './vex-file.ts';

export interface ScanOptions {
  readonly target: string;
  readonly format: ScanFormat;
  /** A file that gets what is printed else; null: none. */
  readonly output: string | null;
  /** All lines of the table. */
  readonly all: boolean;
  readonly byLayer: boolean;
  /** What was found, in a bill of materials. */
  readonly vulnerabilities: boolean;
  /** A policy or policy set that outranks the configuration's. */
  readonly policy: string | null;
  readonly platform: string | null;
  /** Files of VEX that are believed beside those that the policy names. */
  readonly vex: readonly string[];
  /** Another scanner to compare with. */
  readonly compare: OtherScannerName | null;
  readonly sources: ConfigSources;
}

/**
 * `pratique scan`: inspects a target and judges it as the gate `ci`, by the same advisories as all others.
 * @returns the exit code: 0 where it is let through, else 1 fail, 3 error
 * @throws PratiqueError
 */
export async function scan(options: ScanOptions, console: Console): Promise<number> {
  const target = parseTarget(options.target);
  const platform = options.platform === null ? null : readPlatform(options.platform, target);
  requirePlace(options);
  const print = printerTo(options.output, console);
  const config = loadConfig(options.sources);
  const at = Date.now();
  const set = withDocuments(chosenSet(options.policy, config), options.vex.map(readVexFile));
  const book = makeRulebook(set, grantedExceptions(config, at));
  const asked = { context: plainContext('ci'), image: imageOf(target, config) };
  const selection = book.select(asked.context, asked.image);
  if (selection.kind === 'refused' || selection.kind === 'passed')
    return decided(options, selection.rule, print);
  const paths = dataPaths(config.data);
  const index = openIndex(paths.advisories, config, options.compare);
  const progress = createProgress(console, Date.now);
  const { settings } = config.scanner;
  const shelf = new LayerShelf(paths.scannedLayers, layerAnalyzersOf(settings));
  const readers = new LayerReaders(layerLimitsFor(settings), shelf);
  let others: OtherScans = noOthers;
  try {
    others = await othersOf(config, options.compare);
    const onProgress = (text: string): void => progress.show(`${options.target}: ${text}`);
    const tools: ScanTools = { index, others, book, asked, settings, now: Date.now, onProgress, readers };
    const results = worstFirst(await scanTarget(target, config, platform, tools));
    progress.clear();
    const [worst] = results;
    if (worst === undefined) throw new Error('a scan without results');
    print(scanDocument(results, { ...options, scanner: scannerOf() }));
    const allowed = results.every(({ clearance }) => clearance.allowed);
    return exitCodeOf(worst.clearance.status, allowed);
  } finally {
    progress.clear();
    await others.close();
    await readers.close();
    index?.close();
    const problem = await shelf.close();
    if (problem !== null)
      console.err(`what was found in the layers is not kept for the next scan: ${problem}`);
  }
}

/** What was asked for and the format has no place for would be missed by nobody. */
function requirePlace({ format, compare, vulnerabilities }: ScanOptions): void {
  if (compare !== null && format !== 'table' && format !== 'json') {
    throw new PratiqueError(
      'usage-invalid',
      `--compare: found with --format ${format}, allowed with table and json, which have a place for it`,
    );
  }
  if (vulnerabilities && format !== 'cyclonedx') {
    throw new PratiqueError(
      'usage-invalid',
      `--vulnerabilities: found with --format ${format}, allowed with cyclonedx, to which it adds what was found`,
    );
  }
}

async function othersOf(config: Config, compare: OtherScannerName | null): Promise<OtherScans> {
  if (config.scanner.engine === null && compare === null) return noOthers;
  // What they need takes longer to load than a small image to be read.
  const { openOtherScans } = await import('../scan/other-scan.ts');
  return openOtherScans(config, compare, Date.now);
}

/** Where another scanner decides, nothing has to be imported. @throws PratiqueError `advisories-missing`, … */
function openIndex(file: string, config: Config, compare: OtherScannerName | null): AdvisoryIndex | null {
  try {
    return openAdvisoryIndex(file);
  } catch (error) {
    const isNeeded = config.scanner.engine === null || compare !== null;
    if (isNeeded || !isPratiqueError(error) || error.code !== 'advisories-missing') throw error;
    return null;
  }
}

/** A rule has decided before anything is inspected, so nothing is. */
function decided(
  { target, format }: ScanOptions,
  rule: BeforeScanRule,
  print: (document: string) => void,
): number {
  const answer = { reference: target, rule, scanner: scannerOf() };
  print(unscannedDocument(answer, format, new Date().toISOString()));
  return rule.action === 'pass' ? exitCodes.ok : exitCodes.fail;
}

/** What has no registry is no image of any repository. */
function imageOf(target: Target, config: Config): AskedImage {
  if (target.kind !== 'image') return { upstream: null, repository: null };
  const { registry, path } = canonicalReference(config, target.reference);
  return askedImage(`${registry}/${path}`, addressingOf(config));
}

async function scanTarget(
  target: Target,
  config: Config,
  platform: Platform | null,
  tools: ScanTools,
): Promise<readonly ScanResult[]> {
  if (target.kind === 'rootfs') return [await scanDirectory(target.dir, tools)];
  if (target.kind === 'sbom') return [await scanSbom(target.file, tools)];
  const source = await sourceOf(target, config);
  try {
    const results = await scanImage(source, platform === null ? config.platforms : [platform], tools);
    if (platform !== null) requirePlatform(results, platform);
    return results;
  } finally {
    await source.close();
  }
}

async function sourceOf(
  target: Exclude<Target, { readonly kind: 'rootfs' | 'sbom' }>,
  config: Config,
): Promise<ImageSource> {
  switch (target.kind) {
    case 'oci':
      return openLayout(layoutFolder(target.dir), target.tag);
    case 'image': {
      const reference = foreign(canonicalReference(config, target.reference));
      // The client of registries takes longer to load than a small image to be read.
      const { openRegistryImage } = await import('../scan/registry-source.ts');
      return openRegistryImage(reference, config);
    }
    case 'docker-archive':
    case 'oci-archive':
      return inArchive(target);
  }
}

async function inArchive({ kind, file, name }: ArchiveTarget): Promise<ImageSource> {
  const archive = await openArchive(file);
  try {
    return kind === 'docker-archive'
      ? await openDockerArchive(archive, name)
      : openLayout(layoutArchive(archive), name);
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** @throws PratiqueError `usage-invalid` for an image that lives in the proxy itself, which `scan` cannot reach into */
function foreign(reference: ImageReference): ImageReference {
  if (reference.registry !== hostedUpstream) return reference;
  throw new PratiqueError(
    'usage-invalid',
    `${formatReference(reference)} is hosted by the proxy, which has inspected it at the push: "pratique verdict" tells what it found`,
  );
}

/** What was asked for and what was found must be the same, or the answer would be about another image. */
function requirePlatform(results: readonly ScanResult[], wanted: Platform): void {
  const other = results.find(({ inventory }) => !isPlatform(inventory, wanted));
  if (other?.inventory.platform == null) return;
  throw new PratiqueError(
    'usage-invalid',
    `${other.reference} is for ${formatPlatform(other.inventory.platform)}, not for ${formatPlatform(wanted)}`,
  );
}

function readPlatform(text: string, target: Target): Platform {
  if (target.kind === 'rootfs' || target.kind === 'sbom') {
    const what = target.kind === 'sbom' ? 'a bill of materials' : 'a root filesystem';
    throw new PratiqueError(
      'usage-invalid',
      `${what} does not say which platform it is for: leave --platform out`,
    );
  }
  const platform = parsePlatform(text);
  if (platform !== null) return platform;
  throw new PratiqueError(
    'usage-invalid',
    `--platform: found "${text}", allowed os/architecture or os/architecture/variant, such as linux/arm64`,
  );
}

function scannerOf(): { readonly name: string; readonly version: string } {
  return { name: 'pratique', version: readVersion() };
}
