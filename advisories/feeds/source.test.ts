import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { downloadLimits } from './download.ts';
import type { AdvisorySource } from './feed-file.ts';
import { openAdvisorySource } from './source.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Path → answer; everything else is 404. */
function files(known: Readonly<Record<string, string>>, seen: string[] = []): RequestListener {
  return (request, response) => {
    const path = request.url ?? '';
    seen.push(path);
    const body = known[path];
    if (body === undefined) response.writeHead(404).end('none');
    else response.writeHead(200, { 'last-modified': 'Mon, 05 Jan 2026 10:00:00 GMT' }).end(body);
  };
}

async function all(source: AdvisorySource): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const feed of source.feeds()) {
    found.push([
      feed.name,
      feed.kind,
      readFileSync(feed.file, 'utf8'),
      feed.lastModified?.toISOString() ?? null,
    ]);
  }
  return found;
}

const temporary = (): string => join(temporaryDirectory(), 'new');

describe('a folder', () => {
  it('gives each ecosystem and the catalogue, as old as the files', async () => {
    const directory = temporaryDirectory();
    for (const name of ['npm', 'Debian', 'feeds', 'other']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'MANIFEST.md'), 'a plain file');
    for (const path of ['npm/all.zip', 'Debian/all.zip', 'feeds/known_exploited_vulnerabilities.json']) {
      writeFileSync(join(directory, path), path);
      utimesSync(join(directory, path), 0, 1_767_600_000);
    }
    const time = '2026-01-05T08:00:00.000Z';
    expect(await all(openAdvisorySource({ from: directory, temporary: temporary() }))).toEqual([
      ['osv:Debian', 'osv', 'Debian/all.zip', time],
      ['osv:npm', 'osv', 'npm/all.zip', time],
      ['kev', 'kev', 'feeds/known_exploited_vulnerabilities.json', time],
    ]);
  });

  it('takes the catalogue from elsewhere, where it then has to be', async () => {
    const directory = temporaryDirectory();
    const kev = join(directory, 'kev.json');
    const source = openAdvisorySource({ from: directory, kev, temporary: temporary() });
    await expect(all(source)).rejects.toThrow(`the known-exploited catalogue is not at ${kev}`);
    writeFileSync(kev, '{}');
    expect(await all(source)).toMatchObject([['kev', 'kev', '{}', expect.any(String)]]);
  });

  it('has to be there', async () => {
    const from = join(temporaryDirectory(), 'gone');
    await expect(all(openAdvisorySource({ from, temporary: temporary() }))).rejects.toMatchObject({
      code: 'advisories-unreadable',
      message: expect.stringContaining(from),
    });
  });
});

describe('a URL', () => {
  it('is asked for each ecosystem; what it has not is not there', async () => {
    const seen: string[] = [];
    const base = await serve(files({ '/osv/Debian/all.zip': 'D', '/osv/Rocky%20Linux/all.zip': 'R' }, seen));
    const place = temporary();
    const ecosystems = ['Debian', 'npm', 'Rocky Linux'];
    expect(await all(openAdvisorySource({ from: `${base}/osv/`, ecosystems, temporary: place }))).toEqual([
      ['osv:Debian', 'osv', 'D', '2026-01-05T10:00:00.000Z'],
      ['osv:Rocky Linux', 'osv', 'R', '2026-01-05T10:00:00.000Z'],
    ]);
    expect(seen).toEqual([
      '/osv/Debian/all.zip',
      '/osv/npm/all.zip',
      '/osv/Rocky%20Linux/all.zip',
      '/osv/feeds/known_exploited_vulnerabilities.json',
    ]);
    expect(readdirSync(place)).toEqual([]);
  });

  it('brings the catalogue, its own or another', async () => {
    const base = await serve(
      files({ '/feeds/known_exploited_vulnerabilities.json': 'own', '/kev': 'other' }),
    );
    const options = { from: base, ecosystems: [], temporary: temporary() };
    expect(await all(openAdvisorySource(options))).toMatchObject([['kev', 'kev', 'own', null]]);
    const other = openAdvisorySource({ ...options, kev: `${base}/kev` });
    expect(await all(other)).toMatchObject([['kev', 'kev', 'other', null]]);
    const gone = openAdvisorySource({ ...options, kev: `${base}/gone` });
    await expect(all(gone)).rejects.toThrow('/gone, where it was said to be');
  });

  it.each<[string, RequestListener, string, string]>([
    ['500', (_request, response) => response.writeHead(500).end(), 'upstream-refused', 'answered 500'],
    ['403', (_request, response) => response.writeHead(403).end(), 'upstream-refused', 'answered 403'],
    ['429', (_request, response) => response.writeHead(429).end(), 'upstream-throttled', 'answered 429'],
    [
      'a loop of redirects',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
      'upstream-misbehaved',
      'redirects more than',
    ],
    [
      'a redirect to a file',
      (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'upstream-misbehaved',
      'redirects to file:',
    ],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
      'upstream-misbehaved',
      'broke off',
    ],
    [
      'too much',
      (_request, response) => response.end('x'.repeat(2000)),
      'limit-exceeded',
      'larger than 1000 bytes',
    ],
    ['silence', () => undefined, 'upstream-unreachable', 'cannot be reached'],
  ])('fails at %s, and leaves nothing', async (_name, listener, code, message) => {
    const place = temporary();
    const source = openAdvisorySource({
      from: await serve(listener),
      ecosystems: ['Debian'],
      temporary: place,
      limits: { ...downloadLimits, bytes: 1000, idle: 1500, total: 3000 },
    });
    const failure = all(source);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(readdirSync(place)).toEqual([]);
  });

  it('follows a redirect, with its credentials for the first server alone', async () => {
    const headers: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      headers.push(request.headers.authorization);
      response.end('moved');
    });
    const base = await serve((request, response) => {
      headers.push(request.headers.authorization);
      response.writeHead(302, { location: `${other}/x` }).end();
    });
    const from = base.replace('//', '//user:pa%20ss@');
    const source = openAdvisorySource({
      from,
      ecosystems: ['npm'],
      kev: `${other}/kev`,
      temporary: temporary(),
    });
    expect(await all(source)).toMatchObject([
      ['osv:npm', 'osv', 'moved', null],
      ['kev', 'kev', 'moved', null],
    ]);
    expect(headers).toEqual([`Basic ${Buffer.from('user:pa ss').toString('base64')}`, undefined, undefined]);
    expect(source.where).not.toContain('pa');
  });

  it.each(['ftp://mirror.test/osv', 'file:///osv'])('is not %s', (from) => {
    expect(() => openAdvisorySource({ from, temporary: temporary() })).toThrow(
      'from a folder or from an http(s) URL',
    );
  });
});
