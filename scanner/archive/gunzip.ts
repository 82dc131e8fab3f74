import { createGunzip, type Gunzip } from 'node:zlib';

/** Bytes that zlib hands out at once: small chunks cost a round through the event loop each. */
const chunkSize = 256 * 1024;
const options = { chunkSize, highWaterMark: chunkSize };

/**
 * Unpacks gzip members one after the other (RFC 1952, 2.2). Zero bytes may follow the last one, as padding.
 * @throws Error when a member is broken or cut, or followed by something that is no member
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip(options);
  const feeding = feed(source, unpacker);
  // A failure reaches the reader through the unpacker, or below when the unpacker is done before it.
  feeding.catch((error: Error) => unpacker.destroy(error));
  try {
    for await (const chunk of unpacker) yield chunk as Uint8Array;
    await feeding;
  } finally {
    unpacker.destroy();
  }
}

/**
 * Writes the source into the unpacker. Node's ends in silence at the first zero byte after a member and leaves
 * the rest unread, be it another member: so what it did not consume is looked at here.
 */
async function feed(source: AsyncIterable<Uint8Array>, unpacker: Gunzip): Promise<void> {
  let fed = 0;
  const unread: { readonly chunk: Uint8Array; readonly end: number }[] = [];
  const state = watch(unpacker);
  for await (const chunk of source) {
    // In this order: the reader's loop destroys an unpacker that has ended.
    if (state.ended) {
      refuseGarbage(chunk);
      continue;
    }
    if (unpacker.destroyed) return;
    fed += chunk.length;
    unread.push({ chunk, end: fed });
    while ((unread[0]?.end ?? Number.POSITIVE_INFINITY) <= unpacker.bytesWritten) unread.shift();
    if (!unpacker.write(chunk)) await state.change();
  }
  unpacker.end();
  while (!state.ended && !unpacker.destroyed) await state.change();
  for (const { chunk, end } of unread) {
    if (end > unpacker.bytesWritten) {
      refuseGarbage(chunk.subarray(Math.max(0, unpacker.bytesWritten - (end - chunk.length))));
    }
  }
}

/** `change` resolves when the unpacker takes more, has ended or is closed. */
function watch(unpacker: Gunzip): { readonly ended: boolean; change(): Promise<void> } {
  let wake = (): void => undefined;
  const state = {
    ended: false,
    change: () =>
      new Promise<void>((resolve) => {
        if (state.ended || unpacker.destroyed) resolve();
        else wake = resolve;
      }),
  };
  unpacker.on('end', () => {
    state.ended = true;
    wake();
  });
  unpacker.on('drain', () => wake());
  unpacker.on('close', () => wake());
  return state;
}

function refuseGarbage(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0))
    throw new Error('something that is no gzip member follows the last one');
}
