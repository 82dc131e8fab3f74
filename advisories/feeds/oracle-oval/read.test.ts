import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { nameOf, readBytes } from '../samples-reading.ts';
import { oracleOval } from './index.ts';
import { sampleOval } from './samples.ts';

const directory = temporaryDirectory();
const read = (bytes: Uint8Array) => readBytes(oracleOval, directory, 'com.oracle.elsa-all.xml.bz2', bytes);

describe('Oracle’s file of definitions', () => {
  it('gives its advisories, and what cannot be read by name', async () => {
    expect((await read(sampleOval)).map(nameOf)).toEqual([
      'ELSA-2025-1',
      'rejected oval:com.oracle.elsa:def:20252',
    ]);
    expect(await oracleOval.remote(() => Promise.reject(new Error('nothing has to be asked')))).toEqual([
      {
        path: 'com.oracle.elsa-all.xml.bz2',
        url: 'https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2',
      },
    ]);
  });

  // Packed with bzip2 1.0.8: `ELSA-2024-1` and a line's end.
  const noXml = Buffer.from(
    'QlpoOTFBWSZTWXBbGOoAAATeAAAQAAJ0ACIECAAgADEAMCAxGmFIwre8/F3JFOFCQcFsY6g=',
    'base64',
  );
  it.each<[string, Uint8Array, string, string]>([
    ['a web page', Buffer.from('<html><p>Log in'), 'it does not begin as bzip2 does', 'a web page'],
    ['nothing', Buffer.alloc(0), 'it ends too early', 'an empty file'],
    ['a part', sampleOval.subarray(0, 300), 'it ends too early', 'a bzip2 file'],
    ['no XML', noXml, 'text data outside', 'a bzip2 file'],
  ])('ends the reading when it is %s', async (_name, bytes, why, like) => {
    const reading = read(bytes);
    await expect(reading).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(reading).rejects.toThrow(
      'com.oracle.elsa-all.xml.bz2 cannot be read as a bzip2 file of OVAL definitions',
    );
    await expect(reading).rejects.toThrow(why);
    await expect(reading).rejects.toThrow(`it begins like ${like}`);
  });
});
