import { matchInventory } from '../../advisories/match/index.ts';
import type { Digest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { MatchResult } from '../../core/finding.ts';
import type { Descriptor, ImageManifest } from '../../core/image.ts';
import { type Inventory, viewOf } from '../../core/inventory.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../core/platform.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { Asked } from '../../policy/bindings/binding.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { namedChildren } from '../../policy/clearance/combine.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { wantsAttached } from '../../policy/vex/policy-vex.ts';
import { layerSteps } from '../../registry/image-history.ts';
import { analyseDirectory } from '../../scanner/directory.ts';
import { buildInventory } from '../../scanner/inventory.ts';
import { layerLimitsFor } from '../../scanner/limits.ts';
import { withoutSecrets } from '../../scanner/secrets/hide.ts';
import type { ScanSettings } from '../../scanner/settings.ts';
import { compareFindings } from '../../scanners/compare/compare.ts';
import { assembleInventory, readConfig } from '../../vetting/content.ts';
import { advisoriesMissing, scannerNameOf } from '../../vetting/judge.ts';
import { defaultVettingLimits } from '../../vetting/limits.ts';
import type { ConfigRead } from '../../vetting/ports.ts';
import { otherScannerName } from '../../vetting/reported-findings.ts';
import { answerTo } from '../recorded/answer.ts';
import { vexSeen } from '../recorded/vex-seen.ts';
import type { ScanResult } from '../report/scan-result.ts';
import { createLayerProgress } from './layer-progress.ts';
import type { LayerReaders } from './layer-readers.ts';
import { askOthers, type OtherScans } from './others.ts';
import type { ImageSource, SourceManifest } from './source.ts';
import { verified } from './verified.ts';

/** What a scan judges with. */
export interface ScanTools {
  /** null: nothing was imported, and another scanner decides. */
  readonly index: AdvisoryIndex | null;
  readonly others: Pick<OtherScans, 'decides' | 'compared'>;
  readonly book: Rulebook;
  /** As which image of which gate it is judged. */
  readonly asked: Asked;
  /** How images are looked at. */
  readonly settings: ScanSettings;
  readonly now: () => number;
  readonly onProgress: (text: string) => void;
  readonly readers: LayerReaders;
}

const { indexDepth: deepest, configBytes: largestConfig } = defaultVettingLimits;

/**
 * Scans every platform that is asked for.
 * @param platforms the one that was named, else those that are vetted by default
 * @throws PratiqueError when the image could not be had
 */
export async function scanImage(
  source: ImageSource,
  platforms: readonly Platform[],
  tools: ScanTools,
): Promise<readonly ScanResult[]> {
  const root = await source.manifest(null);
  const images = await imagesIn(source, root, platforms, 0);
  const wanted = [...tools.book.set.policies.values()].some(wantsAttached);
  const results: ScanResult[] = [];
  for (const { manifest, stored } of images) {
    const { digest } = stored;
    const { inventory, layers } = await inspect(source, manifest, tools);
    const attached = wanted && digest !== null ? await source.attached(digest) : null;
    const { reference, names, inRegistry } = source;
    const image = { reference, names, digest, inRegistry, layers, notTold: [] };
    const said = await askOthers(tools.others, source, stored, inventory, tools.index);
    results.push(judge(image, inventory, attached === null ? [] : [attached], tools, said));
  }
  return results;
}

/** Scans an unpacked root filesystem. */
export async function scanDirectory(dir: string, tools: ScanTools): Promise<ScanResult> {
  const { settings } = tools;
  const analysis = await analyseDirectory(dir, layerLimitsFor(settings));
  const layers = [{ digest: null, analysis }];
  const inventory = buildInventory({ layers, config: null, unfit: [], settings });
  return judge({ ...nowhere, reference: `rootfs:${dir}` }, inventory, [], tools);
}

/** What of a result is known before it is judged. */
export type ScannedImage = Pick<ScanResult, 'reference' | 'digest' | 'inRegistry' | 'layers' | 'notTold'> & {
  readonly names: readonly string[];
};

/** What is no image of any registry. */
export const nowhere = { names: [], digest: null, inRegistry: false, layers: [], notTold: [] } as const;

/** Asks for findings and for what the policy says of them. */
export function judge(
  { names, ...image }: ScannedImage,
  inventory: Inventory,
  attached: readonly AttachedVex[],
  tools: ScanTools,
  said: Said | null = null,
): ScanResult {
  const other = tools.others.decides ?? tools.others.compared;
  if (said === null && other !== null) {
    throw new PratiqueError(
      'usage-invalid',
      `${image.reference} is no image that can be pulled, so ${other.name} cannot be asked about it`,
    );
  }
  const match = said?.decides ?? matched(inventory, tools.index);
  const { decides } = tools.others;
  const { analyzers } = inventory;
  const scanner = decides === null ? scannerNameOf(analyzers) : otherScannerName(decides.name, analyzers);
  const at = tools.now();
  const scannedAt = new Date(at).toISOString();
  const { digest } = image;
  const ground = { inventory: viewOf(inventory), match, image: names, digest, attached };
  const common = { ...ground, scanner, scannedAt, at };
  const { clearance } = answerTo(
    tools.book,
    tools.asked,
    {
      digest: digest ?? noDigest,
      platform: null,
      images: names,
      verdict: ({ policy }) => evaluate({ policy, ...common }),
      pending: '',
    },
    at,
  );
  const verdict = clearance.platforms[0]?.verdict;
  if (verdict == null) throw new Error('a scan that no binding judges');
  const vex = vexSeen(tools.book.set.policies.get(verdict.policy), attached, { digest, repositories: names });
  const comparison = compared(inventory, said?.compared ?? null, tools.index);
  return { ...image, inventory, match, verdict, clearance, vex, comparison };
}

type Said = Awaited<ReturnType<typeof askOthers>>;

/** By the built-in scanner. @throws PratiqueError `advisories-missing` */
function matched(inventory: Inventory, index: AdvisoryIndex | null): MatchResult {
  if (index === null) throw advisoriesMissing();
  return matchInventory(inventory, index);
}

/** null: nobody was named to compare with, or what the image is has decided before anybody was asked. */
function compared(
  inventory: Inventory,
  theirs: MatchResult | null,
  index: AdvisoryIndex | null,
): ScanResult['comparison'] {
  if (theirs?.provenance === undefined) return null;
  return compareFindings({
    packages: inventory.packages,
    ours: matched(inventory, index),
    theirs,
    isKnown: (id) => index !== null && index.severityOf(id) !== null,
  });
}

/** Of a folder, which has none: no rule looks at it. */
const noDigest = `sha256:${'0'.repeat(64)}` as Digest;

interface FoundImage {
  readonly manifest: ImageManifest;
  readonly stored: SourceManifest;
}

async function imagesIn(
  source: ImageSource,
  stored: SourceManifest,
  platforms: readonly Platform[],
  depth: number,
): Promise<FoundImage[]> {
  const { manifest } = stored;
  if (manifest.kind === 'image') return [{ manifest, stored }];
  if (manifest.hazards.length > 0 || depth >= deepest) {
    throw new PratiqueError(
      'manifest-invalid',
      `${stored.digest}: ${manifest.hazards[0] ?? `indexes nest deeper than ${deepest} levels`}`,
    );
  }
  const children = namedChildren(manifest.manifests, platforms);
  if (children.length === 0) {
    const offered = manifest.manifests.flatMap(({ platform }) =>
      platform === null ? [] : [formatPlatform(platform)],
    );
    throw new PratiqueError(
      'usage-invalid',
      `the index offers ${offered.join(', ') || 'no platform'}, not ${platforms.map(formatPlatform).join(' or ')}: choose one with --platform`,
    );
  }
  const found: FoundImage[] = [];
  for (const child of children) {
    const next = await source.manifest({ kind: 'digest', digest: child.digest });
    found.push(...(await imagesIn(source, next, platforms, depth + 1)));
  }
  return found;
}

async function inspect(
  source: ImageSource,
  manifest: ImageManifest,
  tools: ScanTools,
): Promise<Pick<ScanResult, 'inventory' | 'layers'>> {
  const { read, bytes } = await configOf(source, manifest.config);
  const progress = createLayerProgress(manifest.layers, tools.now, tools.onProgress);
  const outcomes = await tools.readers.outcomes(source, manifest.layers, progress);
  const steps = layerSteps(bytes, manifest.layers.length, withoutSecrets);
  return {
    inventory: assembleInventory({ manifest, read, layers: outcomes, settings: tools.settings }),
    layers: manifest.layers.map(({ digest }, at) => ({ digest, step: steps[at] ?? null })),
  };
}

async function bytesOf(source: ImageSource, blob: Descriptor): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await source.blob(blob);
  return source.checkedBy === 'blobs' ? verified(blob, bytes) : bytes;
}

async function configOf(
  source: ImageSource,
  descriptor: Descriptor,
): Promise<{ readonly read: ConfigRead; readonly bytes: Uint8Array }> {
  if (descriptor.size > largestConfig) {
    const problem = `the config has ${descriptor.size} bytes, ${largestConfig} are read`;
    return { read: { config: null, problem }, bytes: new Uint8Array(0) };
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of await bytesOf(source, descriptor)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { read: readConfig(bytes), bytes };
}

/** A scan with `--platform` of an image that is no index: whether it is the platform that was asked for. */
export function isPlatform(inventory: Inventory, wanted: Platform): boolean {
  return inventory.platform === null || matchesPlatform(inventory.platform, wanted);
}
