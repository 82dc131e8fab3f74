import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegistryRequest } from '../../registry/path.ts';
import type { Push } from './context.ts';

/** Pushes that go through to one upstream. */
export interface PushThrough {
  /** Answers every request of a push below the repository: uploads, manifests, deletions. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    push: Push,
    parsed: Extract<RegistryRequest, { kind: 'upload' | 'manifest' | 'blob' }>,
  ): Promise<void>;
  close(): void;
}
