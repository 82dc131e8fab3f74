import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Digest } from '../../core/digest.ts';
import type { RegistryRequest } from '../../registry/path.ts';
import type { Push } from './context.ts';

/** `gate`: a manifest goes on only after its verdict; `record`: at once, and is inspected beside. */
export type PushMode = 'gate' | 'record';

/** Pushes that go through to one upstream. */
export interface PushThrough {
  readonly mode: PushMode;
  /** Answers every request of a push below the repository: uploads, manifests, deletions. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    push: Push,
    parsed: Extract<RegistryRequest, { kind: 'upload' | 'manifest' | 'blob' }>,
  ): Promise<void>;
  /** HEAD of a blob by who may push: whether the upstream has it, so that it need not be sent again. */
  headBlob(response: ServerResponse, push: Push, digest: Digest): Promise<void>;
  close(): void;
}
