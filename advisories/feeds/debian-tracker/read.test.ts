import { describe, expect, it } from '@jest/globals';
import { readFeed } from '../../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { debianTracker } from './index.ts';

const directory = temporaryDirectory();
const read = (text: string) => readFeed(debianTracker, directory, { 'tracker.json': text });

const cve = (...codenames: readonly string[]) => ({
  releases: Object.fromEntries(codenames.map((codename) => [codename, { status: 'open' }])),
});

describe('Debian’s tracker', () => {
  it('is read source by source; an unknown release is told once', async () => {
    const text = JSON.stringify({
      bash: { 'CVE-2022-3715': cve('bookworm', 'gert'), 'CVE-2012-3410': cve('gert', 'sid') },
      zlib: { 'CVE-2023-45853': cve('gert', 'trixie') },
    });
    const records = await read(text);
    expect(records.map((record) => (record.kind === 'advisory' ? record.advisory.id : record))).toEqual([
      'DEBIAN-CVE-2022-3715',
      { kind: 'rejected', name: 'release "gert"', why: 'which number this release has is not known' },
      'DEBIAN-CVE-2023-45853',
    ]);
  });

  it('rejects a source that is no JSON, by name', async () => {
    const text = `{"bash":{"CVE-1":{x}},"zlib":${JSON.stringify({ 'CVE-2023-45853': cve('trixie') })}}`;
    expect(await read(text)).toMatchObject([
      { kind: 'rejected', name: 'bash', why: expect.stringContaining('it is no JSON') },
      { kind: 'advisory' },
    ]);
  });

  it.each([
    ['a web page', '<!DOCTYPE html>', 'it begins like a web page'],
    ['cut', JSON.stringify({ zlib: { 'CVE-2023-45853': cve('trixie') } }).slice(0, -1), 'it breaks off'],
    ['another file', '{"vulnerabilities":[{"cveID":"CVE-2021-44228"}]}', 'none of it is a source package'],
    ['empty', '{}', 'none of it is a source package'],
  ])('is refused when it is %s', async (_name, text, why) => {
    const failure = read(text);
    await expect(failure).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(failure).rejects.toThrow('debian-tracker/tracker.json cannot be read');
    await expect(failure).rejects.toThrow(why);
  });
});
