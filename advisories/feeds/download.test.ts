import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { type DownloadLimits, download, downloadLimits } from './download.ts';
import { closeServers, files, serve, someTime } from './samples-server.ts';

afterEach(closeServers);

const limits: DownloadLimits = { ...downloadLimits, pause: 1, idle: 1000, total: 10_000 };
const content = 'abcdefghijklmnopqrstuvwxyz'.repeat(1000);

/** Sends `each` bytes of the content and breaks off, as long as `breaks` lasts; understands ranges, or not. */
function breaking(breaks: number, each: number, options: { ranges?: boolean; etags?: () => string } = {}) {
  const { ranges = true, etags = () => '"one"' } = options;
  const asked: string[] = [];
  let left = breaks;
  const url = serve((request, response) => {
    const { range } = request.headers;
    asked.push(
      `${range ?? 'all'}${request.headers['if-range'] === undefined ? '' : ` if ${request.headers['if-range']}`}`,
    );
    const etag = etags();
    const isSame = request.headers['if-range'] === etag;
    const from = ranges && isSame && range !== undefined ? Number(/[0-9]+/.exec(range)?.[0]) : 0;
    const rest = content.slice(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': rest.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    if (left > 0) {
      left -= 1;
      response.write(rest.slice(0, each), () => setTimeout(() => response.destroy(), 100));
    } else response.end(rest);
  });
  return { url, asked };
}

async function get(url: Promise<string> | string, folder = temporaryDirectory()) {
  const result = await download(new URL('/x', await url), { folder, limits });
  if (result.kind !== 'file') throw new Error(result.kind);
  return readFileSync(result.file, 'utf8');
}

describe('a download', () => {
  it('is taken up where it broke off', async () => {
    const { url, asked } = breaking(2, 5000);
    expect(await get(url)).toBe(content);
    expect(asked).toEqual(['all', 'bytes=5000- if "one"', 'bytes=10000- if "one"']);
  });

  it('is taken up by the next call', async () => {
    const { url, asked } = breaking(limits.resumptions + 1, 1000);
    const folder = temporaryDirectory();
    await expect(get(url, folder)).rejects.toMatchObject({
      code: 'upstream-misbehaved',
      message: expect.stringMatching(/\/x broke off after [0-9]+ /),
    });
    expect(await get(url, folder)).toBe(content);
    expect(asked.at(-1)).toMatch(/^bytes=[1-4]000- if "one"$/);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('begins anew where the server has another version by now, or knows no ranges', async () => {
    let version = 0;
    const other = breaking(1, 5000, {
      etags: () => {
        version += 1;
        return `"${version}"`;
      },
    });
    expect(await get(other.url)).toBe(content);
    expect(await get(breaking(1, 5000, { ranges: false }).url)).toBe(content);
  });

  it('begins anew where the server answers with another range', async () => {
    let calls = 0;
    const url = serve((request, response) => {
      calls += 1;
      if (calls === 1) {
        response.writeHead(200, { etag: '"a"', 'content-length': content.length });
        response.write(content.slice(0, 100), () => setTimeout(() => response.destroy(), 100));
      } else if (request.headers.range !== undefined) {
        response.writeHead(206, { etag: '"a"', 'content-range': 'bytes 7-9/10' }).end('abc');
      } else response.writeHead(200, { etag: '"a"' }).end(content);
    });
    expect(await get(url)).toBe(content);
    expect(calls).toBe(3);
  });

  it('is not sent again when it is what the caller has', async () => {
    const url = new URL('/x', await serve(files({ '/x': 'content' })));
    const folder = temporaryDirectory();
    const first = await download(url, { folder, limits });
    if (first.kind !== 'file') throw new Error(first.kind);
    expect(first.lastModified?.toUTCString()).toBe(someTime);
    const again = await download(url, { folder, limits, known: first.validators });
    expect(again).toEqual({ kind: 'unchanged' });
    expect(await download(new URL('/y', url), { folder, limits })).toEqual({ kind: 'absent' });
  });

  it('tells how far it is', async () => {
    const seen: (readonly [number, number | null])[] = [];
    const url = new URL('/x', await serve(files({ '/x': content })));
    await download(url, {
      folder: temporaryDirectory(),
      limits,
      onBytes: (received, total) => seen.push([received, total]),
    });
    expect(seen.at(-1)).toEqual([content.length, content.length]);
  });
});
