import { describe, expect, it } from '@jest/globals';
import { readFeed } from '../../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { endoflife } from './index.ts';

const directory = temporaryDirectory();
const read = (text: string) => readFeed(endoflife, directory, { 'products.json': text });

const alpine = { name: 'alpine-linux', releases: [{ name: '3.23', isEol: false, eolFrom: '2027-11-01' }] };
const python = { name: 'python', releases: [{ name: '3.13', isEol: false, eolFrom: '2029-10-31' }] };
const answer = (...result: readonly unknown[]) =>
  JSON.stringify({
    schema_version: '1.2.1',
    generated_at: '2026-08-22T08:52:34+00:00',
    total: result.length,
    result,
  });
const end = { kind: 'end-of-life', os: 'alpine', release: '3.23', endsAt: '2027-11-01' };

describe('the products of endoflife.date', () => {
  it('are read for the systems among them', async () => {
    expect(await read(answer(python, alpine))).toEqual([end]);
    expect(await read(answer(python, alpine).replace('"python"', 'python'))).toEqual([
      { kind: 'rejected', name: 'result[0]', why: expect.stringContaining('no JSON') },
      end,
    ]);
  });

  it.each([
    ['a web page', '<html>', 'it begins like a web page'],
    ['cut', answer(alpine).slice(0, -1), 'it breaks off'],
    ['an error', '{"result":"not found"}', 'its "result" is no list of products'],
    ['without products', answer(), 'its "result" is no list of products'],
    ['without systems', answer(python), 'it names the end of no system'],
    ['of another shape', '{"data":[]}', 'it names the end of no system'],
  ])('are refused when the file is %s', async (_name, text, why) => {
    const failure = read(text);
    await expect(failure).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(failure).rejects.toThrow('endoflife/products.json cannot be read');
    await expect(failure).rejects.toThrow(why);
  });
});
