import { createHash } from 'node:crypto';
import { digestAlgorithm, digestHex } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';

/**
 * Hands the bytes on and throws at the end when they were not what the descriptor says.
 * @throws PratiqueError `digest-mismatch`, `blob-truncated`
 */
export async function* verified(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash(digestAlgorithm(descriptor.digest));
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > descriptor.size) break;
    hash.update(chunk);
    yield chunk;
  }
  const fields = { digest: descriptor.digest, size: descriptor.size };
  if (size < descriptor.size) {
    const message = `blob ${descriptor.digest} ends after ${size} bytes, its manifest says ${descriptor.size}`;
    throw new PratiqueError('blob-truncated', message, fields);
  }
  if (size > descriptor.size) {
    const message = `blob ${descriptor.digest} has more than the ${descriptor.size} bytes that its manifest says`;
    throw new PratiqueError('digest-mismatch', message, fields);
  }
  const found = hash.digest('hex');
  if (found !== digestHex(descriptor.digest)) {
    throw new PratiqueError(
      'digest-mismatch',
      `blob ${descriptor.digest} has other content: its hash is ${found}`,
      fields,
    );
  }
}
