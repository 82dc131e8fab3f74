import type { Digest } from '../../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Descriptor, Manifest } from '../../core/image.ts';
import { formatPlatform, type Platform } from '../../core/platform.ts';
import { formatPointer, type ManifestPointer, repositoryKey } from '../../core/repository.ts';
import { within } from '../../core/within.ts';
import { namedChildren, noNamedPlatform } from '../../policy/clearance/combine.ts';
import { refusalVerb } from '../../proxy/answers.ts';
import { blobsOf, parseManifest } from '../../registry/manifest.ts';
import type { UpstreamClient } from '../../registry/upstream/client.ts';
import type { NamedImage } from '../image-names.ts';

/** The worst first. */
export const warmStatuses = ['refused', 'error', 'pending', 'allowed'] as const;
export type WarmStatus = (typeof warmStatuses)[number];

/** What the server says of one image, or of one platform of it. */
export interface WarmPlatform {
  /** As its index states it; null: there is no index, or it states none. */
  readonly platform: string | null;
  readonly digest: Digest | null;
  readonly status: WarmStatus;
  /** A sentence for a person; null where it is allowed. */
  readonly reason: string | null;
  /** Those that are there, and their bytes. */
  readonly blobs: number;
  readonly bytes: number;
}

export interface Warmed {
  readonly image: string;
  readonly digest: Digest | null;
  /** The worst of all platforms. */
  readonly status: WarmStatus;
  readonly platforms: readonly WarmPlatform[];
}

export interface WarmTools {
  /** Of the server's registry port. */
  readonly client: Pick<UpstreamClient, 'getManifest' | 'headBlob'>;
  /** Where that is, for sentences. */
  readonly registry: string;
  readonly platforms: readonly Platform[];
  /** On the clock of `now`, milliseconds. */
  readonly deadline: number;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly show: (text: string) => void;
}

/** As many as the gate follows indexes down, and as many manifests as one index can name. */
const deepest = 4;
const mostManifests = 1000;
/** Seconds, where the server does not say how long. */
const usualPause = 5;

interface Found {
  readonly digest: Digest;
  readonly manifest: Manifest;
}

/**
 * Asks the server for an image as a client would, until it has decided: every named platform's manifest, and whether each blob is
 * there. What prevents that is part of the answer.
 * @throws whatever is a defect
 */
export async function warmImage(image: NamedImage, tools: WarmTools): Promise<Warmed> {
  const ended = (digest: Digest | null, platforms: readonly WarmPlatform[]): Warmed => {
    const status = warmStatuses.find((one) => platforms.some((platform) => platform.status === one));
    return { image: image.name, digest, status: status ?? 'error', platforms };
  };
  let top: Found;
  try {
    top = await ask(image, image.pointer, tools);
  } catch (error) {
    return ended(null, [refusedRow(error, image.name, null, null, tools)]);
  }
  if (top.manifest.kind === 'image') return ended(top.digest, [await blobsRow(image, top, null, tools)]);

  const rows: WarmPlatform[] = [];
  const seen = new Set<Digest>([top.digest]);
  let level: readonly Found[] = [top];
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    const below: Found[] = [];
    for (const { digest, manifest } of level) {
      if (manifest.kind !== 'index') continue;
      const children = namedChildren(manifest.manifests, tools.platforms);
      if (children.length === 0) {
        const reason = noNamedPlatform(manifest.manifests, tools.platforms);
        rows.push({ ...nothing, platform: null, digest, status: 'error', reason });
      }
      for (const child of children) {
        if (seen.has(child.digest) || seen.size > mostManifests) continue;
        seen.add(child.digest);
        const found = await childOf(image, child, tools);
        if (!('manifest' in found)) rows.push(found);
        else if (found.manifest.kind === 'index') below.push(found);
        else rows.push(await blobsRow(image, found, platformOf(child), tools));
      }
    }
    level = below;
  }
  for (const { digest } of level) {
    const reason = `indexes nest deeper than ${deepest} levels`;
    rows.push({ ...nothing, platform: null, digest, status: 'error', reason });
  }
  return ended(top.digest, rows);
}

const nothing = { blobs: 0, bytes: 0 } as const;

function platformOf({ platform }: Descriptor): string | null {
  return platform === null ? null : formatPlatform(platform);
}

async function childOf(
  image: NamedImage,
  child: Descriptor,
  tools: WarmTools,
): Promise<Found | WarmPlatform> {
  const pointer = { kind: 'digest', digest: child.digest } as const;
  try {
    return await ask(image, pointer, tools);
  } catch (error) {
    return refusedRow(error, formatPointer(image.address, pointer), platformOf(child), child.digest, tools);
  }
}

async function ask(image: NamedImage, pointer: ManifestPointer, tools: WarmTools): Promise<Found> {
  const path = repositoryKey(image.address);
  const answer = await patiently(image, tools, () => tools.client.getManifest(path, pointer));
  return { digest: answer.digest, manifest: parseManifest(answer.bytes, answer.mediaType) };
}

async function blobsRow(
  image: NamedImage,
  { digest, manifest }: Found,
  platform: string | null,
  tools: WarmTools,
): Promise<WarmPlatform> {
  const path = repositoryKey(image.address);
  let [blobs, bytes] = [0, 0];
  try {
    for (const blob of blobsOf(manifest)) {
      const found = await patiently(image, tools, () => tools.client.headBlob(path, blob.digest));
      if (found === null) throw new PratiqueError('blob-unknown', `its blob ${blob.digest} is not there`);
      if (found.size !== null && found.size !== blob.size) {
        const sizes = `${found.size} bytes instead of ${blob.size}`;
        throw new PratiqueError('upstream-misbehaved', `its blob ${blob.digest} has ${sizes}`);
      }
      blobs += 1;
      bytes += blob.size;
    }
    return { platform, digest, status: 'allowed', reason: null, blobs, bytes };
  } catch (error) {
    return {
      ...refusedRow(error, formatPointer(image.address, { kind: 'digest', digest }), platform, digest, tools),
      blobs,
      bytes,
    };
  }
}

/** Asks again as the server says, as long as there is time. */
async function patiently<Value>(
  { name }: NamedImage,
  tools: WarmTools,
  work: () => Promise<Value>,
): Promise<Value> {
  let said = 'the server has not answered yet';
  const late = (): never => {
    throw new PratiqueError('upstream-throttled', said, { said });
  };
  for (;;) {
    const left = tools.deadline - tools.now();
    if (left <= 0) return late();
    try {
      return await within(work(), left, late);
    } catch (error) {
      if (!isPratiqueError(error) || error.code !== 'upstream-throttled') throw error;
      said = wordsOf(error);
      const { retryAfter } = error.fields;
      const wait = Math.max(1, typeof retryAfter === 'number' ? retryAfter : usualPause) * 1000;
      if (tools.now() + wait >= tools.deadline) return late();
      tools.show(`${name}: ${said}`);
      await tools.pause(wait);
    }
  }
}

function refusedRow(
  error: unknown,
  subject: string,
  platform: string | null,
  digest: Digest | null,
  { registry }: WarmTools,
): WarmPlatform {
  if (!isPratiqueError(error)) throw error;
  const words = wordsOf(error);
  const row = (status: WarmStatus, reason: string): WarmPlatform => ({
    ...nothing,
    platform,
    digest,
    status,
    reason,
  });
  if (error.code === 'upstream-throttled') return row('pending', words);
  if (error.code === 'upstream-unreachable') {
    return row('error', `${registry} could not be reached: ${String(error.fields.cause ?? error.message)}`);
  }
  // A 403 is a verdict only where the gate says so: what prevents one is 403 too (ADR 0009).
  const isVerdict = error.code === 'upstream-refused' && words.startsWith(`${refusalVerb}: `);
  if (!isVerdict) return row('error', words);
  return row('refused', withoutStart(words.slice(refusalVerb.length + 2), `${subject}: `));
}

/** The server's own words, where it had any. */
function wordsOf({ fields, message }: PratiqueError): string {
  return typeof fields.said === 'string' ? fields.said : message;
}

function withoutStart(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : text;
}
