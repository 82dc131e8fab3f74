import { isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';
import type { Descriptor } from '../core/image.ts';
import type { ArrivalTicket } from '../registry/arrival.ts';
import type { BlobStore } from '../registry/blob-store.ts';
import { downloadBlob } from '../registry/download.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import { analyseLayer, type LayerAnalysis } from '../scanner/layer.ts';
import type { LayerLimits } from '../scanner/limits.ts';
import { ByteChannel } from './channel.ts';
import type { LayerOutcome } from './ports.ts';

/** What became of the analysis; a failure is kept until the bytes are known to be the right ones. */
type Analysed =
  | { readonly analysis: LayerAnalysis }
  | { readonly error: PlainError }
  | { readonly defect: unknown };

/**
 * Brings one layer from the upstream into the store and analyses the same bytes on the way (ADR 0007).
 * A failure of the download outranks one of the analysis: bytes that are not what their digest says prove
 * nothing about the layer.
 * @throws PratiqueError from the download
 */
export async function fetchLayer(options: {
  readonly client: UpstreamClient;
  readonly store: BlobStore;
  readonly path: string;
  readonly layer: Descriptor;
  readonly limits: LayerLimits;
  /** For those who follow the download meanwhile. */
  readonly ticket?: ArrivalTicket;
}): Promise<LayerOutcome> {
  const { client, store, path, layer, limits, ticket } = options;
  const channel = new ByteChannel();
  const analysing = settle(analyseLayer(channel, { limits })).then((result) => {
    channel.abandon();
    return result;
  });
  try {
    await downloadBlob({
      client,
      store,
      path,
      descriptor: layer,
      onChunk: (chunk) => channel.push(chunk),
      ...(ticket === undefined ? {} : { ticket }),
    });
  } finally {
    channel.end();
  }
  return outcome(await analysing);
}

/** Analyses a layer that the store already holds. */
export async function analyseStoredLayer(options: {
  readonly store: BlobStore;
  readonly layer: Descriptor;
  readonly limits: LayerLimits;
}): Promise<LayerOutcome> {
  return outcome(
    await settle(analyseLayer(options.store.read(options.layer.digest), { limits: options.limits })),
  );
}

async function settle(analysing: Promise<LayerAnalysis>): Promise<Analysed> {
  try {
    return { analysis: await analysing };
  } catch (error) {
    if (isFactAboutLayer(error)) return { error: toPlainError(error, 'layer-unreadable') };
    return { defect: error };
  }
}

/** Everything else (a file that cannot be opened, a bug) says nothing about the layer, and is not remembered. */
export function isFactAboutLayer(error: unknown): boolean {
  return isPratiqueError(error) && (error.code === 'layer-unreadable' || error.code === 'limit-exceeded');
}

/** @throws what kept the analysis from its end */
function outcome(analysed: Analysed): LayerOutcome {
  if ('defect' in analysed) throw analysed.defect;
  return 'analysis' in analysed
    ? { kind: 'analysed', analysis: analysed.analysis }
    : { kind: 'unreadable', error: analysed.error };
}
