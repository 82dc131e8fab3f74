import type { AskContext } from '../core/context.ts';
import { failuresOf } from '../core/denial.ts';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Descriptor, StoredManifest } from '../core/image.ts';
import type { ArrivingBlob, BlobClearance, Clearance, ClearanceScope } from '../core/ports/gate.ts';
import type { Records } from '../core/ports/records.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { Analysis } from './analysis.ts';
import { neverFetched, noHolder } from './blob-clearances.ts';
import { firstOf, type Waits } from './waits.ts';

/** A manifest that refers to a blob, and the size that it gives it. */
interface Holder {
  readonly clearance: Clearance;
  readonly stored: StoredManifest;
  readonly size: number;
}

/** Manifests of a blob that are looked at together: what one request for a blob begins at a time. */
const together = 16;

interface NamedHolder {
  readonly manifest: Digest;
  readonly size: number;
}

export interface BlobGateParts {
  readonly records: Pick<Records, 'manifestsWithBlob'>;
  readonly analysis: Pick<Analysis, 'bring' | 'arriving' | 'sizeOf'>;
  /** What is said where nothing is inspected; null: it is. */
  readonly switchedOff: (address: RepositoryAddress, digest: Digest, asker: AskContext) => Clearance | null;
  readonly resolve: (address: RepositoryAddress, digest: Digest) => Promise<StoredManifest>;
  /** Whether a verdict of it is in memory. */
  readonly isKnown: (manifest: Digest) => boolean;
  /** What stands of a manifest now. What a pending answer waits for is added to `waits`. */
  readonly clearance: (
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
    waits: Waits,
  ) => Clearance;
}

/** A blob may be served from a repository when a manifest there that refers to it may (ADR 0002). */
export class BlobGate {
  readonly #parts: BlobGateParts;

  constructor(parts: BlobGateParts) {
    this.#parts = parts;
  }

  /** See `Gate.blob`. */
  async clearance(
    address: RepositoryAddress,
    digest: Digest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<BlobClearance> {
    const off = this.#parts.switchedOff(address, digest, asker);
    if (off !== null) return this.#unlooked(address, digest, off);
    const holders = await this.#parts.records.manifestsWithBlob(address, digest);
    const best = await this.#bestHolder(address, holders, asker, milliseconds);
    if (best === null) return noHolder(canonicalName(address), digest);
    const { clearance, stored, size } = best;
    const blob = { mediaType: '', digest, size, platform: null };
    return this.#bringable(address, blob, clearance, () =>
      this.#bring(address, stored, blob, asker, milliseconds),
    );
  }

  /** Whatever the repository holds, whether a manifest refers to it or not. */
  async #unlooked(address: RepositoryAddress, digest: Digest, off: Clearance): Promise<BlobClearance> {
    const size = await this.#parts.analysis.sizeOf(address, digest);
    const blob = { mediaType: '', digest, size, platform: null };
    return this.#bringable(address, blob, off, () => this.#parts.analysis.bring(address, blob));
  }

  #bringable(
    address: RepositoryAddress,
    { digest, size }: Descriptor,
    clearance: Clearance,
    bring: () => Promise<void>,
  ): BlobClearance {
    const { status, allowed, ruled, reasons, transient } = clearance;
    const said = { status, allowed, ruled, reasons, size, transient, failures: failuresOf(clearance) };
    if (!allowed) return { ...said, fetch: () => neverFetched(digest), open: () => neverFetched(digest) };
    return { ...said, fetch: bring, open: () => this.#open(address, digest, bring()) };
  }

  /** The blob as it arrives; whoever takes it gets the end of it only when `bringing` says that all is well. */
  async #open(
    address: RepositoryAddress,
    digest: Digest,
    bringing: Promise<void>,
  ): Promise<ArrivingBlob | null> {
    const arrival = await this.#parts.analysis.arriving(address, digest, bringing);
    if (arrival === null) {
      await bringing;
      return null;
    }
    // Told to whoever takes the last byte; the download goes on when nobody does.
    bringing.catch(() => undefined);
    return { size: arrival.size, copy: (range, write) => arrival.copy(range, write, () => bringing) };
  }

  /**
   * An allowed manifest among those that refer to a blob, else one that may become allowed, else any refused. A layer may
   * be in every image of a large repository: those that are known come first, and of the others a few are begun at a time.
   */
  async #bestHolder(
    address: RepositoryAddress,
    holders: readonly NamedHolder[],
    asker: AskContext,
    milliseconds: number,
  ): Promise<Holder | null> {
    const deadline = performance.now() + milliseconds;
    const known = holders.filter(({ manifest }) => this.#parts.isKnown(manifest));
    const seen = new Set(known);
    const inOrder = [...known, ...holders.filter((holder) => !seen.has(holder))];
    let best: Holder | null = null;
    for (let at = 0; at < inOrder.length; at += together) {
      const found = await this.#bestOf(address, inOrder.slice(at, at + together), asker, deadline);
      if (found === null) continue;
      if (found.clearance.allowed || found.clearance.status === 'pending') return found;
      best ??= found;
    }
    return best;
  }

  /** Waits for all pending ones at once, so that none holds up a blob that another one clears. */
  async #bestOf(
    address: RepositoryAddress,
    holders: readonly NamedHolder[],
    asker: AskContext,
    deadline: number,
  ): Promise<Holder | null> {
    for (;;) {
      let best: Holder | null = null;
      const waits: Waits = [];
      for (const { manifest, size } of holders) {
        const stored = await this.#resolve(address, manifest);
        if (stored === null) continue;
        const clearance = this.#parts.clearance(address, stored, 'serve', asker, waits);
        if (clearance.allowed) return { clearance, stored, size };
        if (best === null || hope(clearance) > hope(best.clearance)) best = { clearance, stored, size };
      }
      const left = deadline - performance.now();
      if (waits.length === 0 || left <= 0) return best;
      await firstOf(waits, left);
    }
  }

  /** null: it was deleted since; the other holders still have their say. */
  async #resolve(address: RepositoryAddress, manifest: Digest): Promise<StoredManifest | null> {
    try {
      return await this.#parts.resolve(address, manifest);
    } catch (error) {
      if (isPratiqueError(error) && error.code === 'manifest-unknown') return null;
      throw error;
    }
  }

  /**
   * A download may take its time, so the predicate is asked once more after it (ADR 0002). Where it is judged anew just
   * then, that is waited for as it would have been before.
   */
  async #bring(
    address: RepositoryAddress,
    holder: StoredManifest,
    blob: Descriptor,
    asker: AskContext,
    milliseconds: number,
  ): Promise<void> {
    await this.#parts.analysis.bring(address, blob);
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const waits: Waits = [];
      const { allowed, status, reasons } = this.#parts.clearance(address, holder, 'serve', asker, waits);
      if (allowed) return;
      const left = deadline - performance.now();
      if (status !== 'pending' || waits.length === 0 || left <= 0) {
        const what = `${canonicalName(address)}@${blob.digest}`;
        throw new PratiqueError(
          'vetting-failed',
          `Not cleared by Pratique: ${what} is not allowed any more: ${reasons[0] ?? status}`,
          { digest: blob.digest, status },
        );
      }
      await firstOf(waits, left);
    }
  }
}

/** How likely it is that what is refused now will be allowed: what is under way, what another try may change, the rest. */
function hope({ status, transient }: Clearance): number {
  if (status === 'pending') return 2;
  return transient ? 1 : 0;
}
