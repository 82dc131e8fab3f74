import { describe, expect, it } from '@jest/globals';
import { Tee } from './tee.ts';

const mebibyte = Buffer.alloc(1024 ** 2);

async function all(tee: Tee): Promise<number> {
  let bytes = 0;
  for await (const chunk of tee) bytes += chunk.length;
  return bytes;
}

describe('a second reader', () => {
  it('gets what goes by, in order, and nothing that comes behind the end', async () => {
    const tee = new Tee();
    const reading = all(tee);
    tee.write(mebibyte);
    await new Promise(setImmediate);
    tee.write(mebibyte);
    tee.end();
    tee.write(mebibyte);
    expect(await reading).toBe(2 * mebibyte.length);
  });

  it('fails where more waits than may, and where the other side gives up', async () => {
    const slow = new Tee();
    for (let written = 0; written <= 16; written += 1) slow.write(mebibyte);
    await expect(all(slow)).rejects.toThrow('wait for the disk');
    const given = new Tee();
    given.write(mebibyte);
    given.fail(new Error('given up'));
    given.write(mebibyte);
    await expect(all(given)).rejects.toThrow('given up');
  });
});
