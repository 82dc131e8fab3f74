import { isPratiqueError } from '../../core/errors.ts';
import type { OpenBlob } from './blob-body.ts';
import type { UpstreamObserver } from './observer.ts';
import type { UpstreamClient } from './port.ts';

/** The same client; what fails in the end, whatever was tried, is told of by its code. */
export function watched(client: UpstreamClient, upstream: string, observe: UpstreamObserver): UpstreamClient {
  const tell = (error: unknown): void => {
    if (isPratiqueError(error)) observe({ upstream, kind: 'failed', code: error.code });
  };
  const seen =
    <Args extends readonly unknown[], Value>(method: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      try {
        return await method(...args);
      } catch (error) {
        tell(error);
        throw error;
      }
    };
  async function* read(blob: OpenBlob): AsyncGenerator<Uint8Array> {
    try {
      yield* blob.body;
    } catch (error) {
      tell(error);
      throw error;
    }
  }
  return {
    headManifest: seen(client.headManifest),
    getManifest: seen(client.getManifest),
    getReferrers: seen(client.getReferrers),
    headBlob: seen(client.headBlob),
    openBlob: seen(async (...args: Parameters<UpstreamClient['openBlob']>) => {
      const blob = await client.openBlob(...args);
      return {
        ...blob,
        body: read(blob),
        rejected: (error: unknown) => {
          tell(error);
          blob.rejected?.(error);
        },
      };
    }),
    putBlob: seen(client.putBlob),
    putManifest: seen(client.putManifest),
    deleteManifest: seen(client.deleteManifest),
    enter: seen(client.enter),
    authorization: seen(client.authorization),
    close: client.close,
  };
}
