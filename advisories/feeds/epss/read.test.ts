import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readFeed } from '../../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { epss } from './index.ts';

const directory = temporaryDirectory();
const read = (content: string | Uint8Array) =>
  readFeed(epss, directory, { 'epss_scores-current.csv.gz': content });

const head = '#model_version:v2026.06.15,score_date:2026-09-29T12:00:22Z\ncve,epss,percentile\n';
const text = `${head}CVE-1999-0001,0.03351,0.88255\nCVE-1999-0002,1.27858,0.98037\nCVE-1999-0016,0.95739,0.99871\n`;
const records = [
  { kind: 'epss', id: 'CVE-1999-0001', score: 0.034 },
  { kind: 'rejected', name: 'CVE-1999-0002', why: expect.any(String) },
  { kind: 'epss', id: 'CVE-1999-0016', score: 0.96 },
];

describe('the scores of EPSS', () => {
  it.each<[string, string | Uint8Array]>([
    ['packed', gzipSync(text)],
    ['plain', text],
    ['with the line ends of Windows', text.replaceAll('\n', '\r\n')],
    ['without a last line end', text.slice(0, -1)],
    ['without a comment', text.slice(text.indexOf('\n') + 1)],
    ['packed in two parts', Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))])],
  ])('are read %s', async (_name, content) => {
    expect(await read(content)).toEqual(records);
  });

  it('are as many as there are', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `CVE-2020-${10_000 + i},0.${i % 10}1,0.5\n`);
    expect(await read(gzipSync(head + rows.join('')))).toHaveLength(100_000);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['a web page', '<html><head>', 'its line 1 is neither a comment nor'],
    ['a packed web page', gzipSync('<html><head>\n'), 'its line 1 is neither a comment nor'],
    ['a web page on one line', `<html>${'x'.repeat(5000)}`, 'a line of more than 4096 bytes'],
    ['JSON', '{"data":[]}', 'it begins like JSON'],
    ['cut', gzipSync(text).subarray(0, 100), 'unexpected end of file'],
    ['damaged', gzipSync(text).fill(0x55, 20, 60), 'it begins like a gzip file'],
    ['empty', '', 'it begins like an empty file'],
    ['a comment alone', '#model_version\n', 'it has no line "cve,epss,percentile"'],
    ['without scores', head, 'it has no score'],
    ['without a score that can be read', `${head}CVE-1999-0001,x,y\n`, 'it has no score'],
  ])('are refused when the file is %s', async (_name, content, why) => {
    const failure = read(content);
    await expect(failure).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(failure).rejects.toThrow('epss/epss_scores-current.csv.gz cannot be read');
    await expect(failure).rejects.toThrow(why);
  });

  it.each([
    ['lines', Buffer.alloc(2_000_000, '\n'), '1500000 lines'],
    ['bytes', Buffer.alloc(140_000_000, `CVE-2020-1234,0.5,${' '.repeat(3900)}\n`), '134217728 bytes'],
  ])('are no gzip bomb of %s', async (_name, content, what) => {
    const failure = read(Buffer.concat([gzipSync(head), gzipSync(content)]));
    await expect(failure).rejects.toMatchObject({ code: 'limit-exceeded' });
    await expect(failure).rejects.toThrow(`epss/epss_scores-current.csv.gz has more than ${what}`);
  });
});
