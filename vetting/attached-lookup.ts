import type { Digest } from '../core/digest.ts';
import { errorText } from '../core/errors.ts';
import type { AttachedDocument } from '../core/vex.ts';
import { readEnvelope, readInTotoVex } from '../policy/vex/envelope.ts';
import {
  type AttachmentDescriptor,
  parseAttachment,
  parseReferrers,
  referrersTag,
} from '../registry/referrers.ts';
import type { AttachmentSource } from './attached-source.ts';

export const attachedLimits = {
  /** Manifests that are looked into, of those that may hold VEX. */
  manifests: 50,
  /** Bytes of one document. */
  documentBytes: 1024 * 1024,
  /** Bytes of all documents of one image in one repository. */
  allBytes: 4 * 1024 * 1024,
  /** Milliseconds for all of it. */
  time: 20_000,
} as const;

export interface Lookup {
  readonly documents: readonly AttachedDocument[];
  /** Why not all was found out; null: it was. */
  readonly problem: string | null;
  /**
   * More is attached than is looked into, so that the latest word may be among what is not: none of it counts, nor what was
   * found before. Whoever may attach could otherwise hide a word that takes an older one back.
   */
  readonly isCrowded: boolean;
}

/** in-toto statements in DSSE envelopes, bare ones, and Sigstore's bundles. */
const envelopeType =
  /^application\/vnd\.(?:dsse\.envelope\.v1\+json|in-toto(?:\.[a-z0-9.-]+)?\+(?:json|dsse)|dev\.sigstore\.bundle(?:\.v[0-9.]+)?\+json(?:;.*)?)$/;
const vexType = /vex/i;
const predicate = 'https://openvex.dev/ns';

/**
 * What of VEX is attached to an image in one repository: by the list of referrers, where there is none by the tag that
 * stands in for it (distribution specification, "Referrers Tag Schema"), and by cosign's own tag. Never rejects: what could
 * not be had is told. Nothing is verified here, since which keys count is for policies to say.
 */
export async function lookUpAttached(source: AttachmentSource, image: Digest): Promise<Lookup> {
  const lookup = new AttachedLookup(source);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      lookup.giveUp(`it took longer than ${attachedLimits.time / 1000} seconds`);
      resolve();
    }, attachedLimits.time);
  });
  await Promise.race([lookup.run(image), late]);
  clearTimeout(timer);
  return lookup.result();
}

class AttachedLookup {
  readonly #source: AttachmentSource;
  readonly #documents: AttachedDocument[] = [];
  readonly #problems: string[] = [];
  #bytes = 0;
  #isGivenUp = false;
  #isCrowded = false;

  constructor(source: AttachmentSource) {
    this.#source = source;
  }

  async run(image: Digest): Promise<void> {
    const tag = referrersTag(image);
    const seen = new Set<Digest>();
    const listed = (await this.#attempt(() => this.#listed(image, tag))) ?? [];
    const candidates = listed.filter(mayBeVex);
    if (candidates.length > attachedLimits.manifests) {
      const most = attachedLimits.manifests;
      this.#crowded(`${candidates.length} manifests are attached, and ${most} are looked into at most`);
      return;
    }
    for (const { digest } of candidates) {
      if (seen.has(digest)) continue;
      seen.add(digest);
      await this.#attempt(() => this.#manifest({ kind: 'digest', digest }));
    }
    await this.#attempt(() => this.#manifest({ kind: 'tag', tag: `${tag}.att` }, seen));
  }

  giveUp(why: string): void {
    this.#isGivenUp = true;
    this.#problems.push(why);
  }

  /** What is found after it was given up is for nobody. */
  result(): Lookup {
    const [first, ...others] = this.#problems;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return {
      documents: this.#isCrowded ? [] : [...this.#documents],
      problem: first === undefined ? null : `${first}${more}`,
      isCrowded: this.#isCrowded,
    };
  }

  #crowded(what: string): void {
    if (!this.#isCrowded) this.#problems.push(`${what}: none of it counts`);
    this.#isCrowded = true;
  }

  async #attempt<Value>(work: () => Promise<Value>): Promise<Value | null> {
    if (this.#isGivenUp) return null;
    try {
      return await work();
    } catch (error) {
      if (!this.#isGivenUp && this.#problems.length < 100) this.#problems.push(errorText(error));
      return null;
    }
  }

  async #listed(image: Digest, tag: string): Promise<readonly AttachmentDescriptor[]> {
    const listed = await this.#source.referrers(image);
    if (listed !== null) return listed;
    const standIn = await this.#source.manifest({ kind: 'tag', tag });
    return standIn === null ? [] : parseReferrers(standIn.bytes);
  }

  /** @param seen manifests that were looked into already */
  async #manifest(
    pointer: Parameters<AttachmentSource['manifest']>[0],
    seen: ReadonlySet<Digest> = new Set(),
  ): Promise<void> {
    const manifest = await this.#source.manifest(pointer);
    if (manifest === null || seen.has(manifest.digest)) return;
    const layers = parseAttachment(manifest.bytes).filter(mayBeVex);
    for (const layer of layers.slice(0, attachedLimits.manifests)) {
      if (this.#isGivenUp) return;
      await this.#attempt(() => this.#layer(manifest.digest, layer));
    }
    if (layers.length > attachedLimits.manifests) {
      this.#crowded(
        `${manifest.digest} holds ${layers.length} documents, and ${attachedLimits.manifests} are read at most`,
      );
    }
  }

  async #layer(manifest: Digest, layer: AttachmentDescriptor): Promise<void> {
    if (layer.size > attachedLimits.documentBytes) {
      const problem = `it has ${layer.size} bytes, and ${attachedLimits.documentBytes} are read`;
      this.#keep({ manifest, envelope: null, problem });
      return;
    }
    if (this.#bytes + layer.size > attachedLimits.allBytes) {
      this.#crowded(`all that is attached has more than ${attachedLimits.allBytes} bytes`);
      return;
    }
    const text = Buffer.from(await this.#source.blob(layer)).toString('utf8');
    const envelope = readEnvelope(text);
    if (envelope !== null) {
      // Something else that was attested: an SBOM, a provenance.
      if (readInTotoVex(envelope.payload) === null) return;
      this.#bytes += layer.size;
      this.#keep({ manifest, envelope: text, problem: null });
      return;
    }
    const isVex = vexType.test(layer.mediaType) || readInTotoVex(Buffer.from(text)) !== null;
    if (isVex) this.#keep({ manifest, envelope: null, problem: 'it is not signed' });
  }

  #keep(document: AttachedDocument): void {
    if (!this.#isGivenUp) this.#documents.push(document);
  }
}

/** By what is said of it; what nothing is said of is looked into. */
function mayBeVex({ mediaType, artifactType, predicateType }: AttachmentDescriptor): boolean {
  if (predicateType !== null) return predicateType.startsWith(predicate);
  const isManifest = /^application\/vnd\.(?:oci|docker)\..*manifest/.test(mediaType);
  const type = isManifest ? artifactType : mediaType;
  return type === null || envelopeType.test(type) || vexType.test(type);
}
