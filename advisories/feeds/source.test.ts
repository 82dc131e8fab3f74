import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { proxiesOf } from '../../core/http-proxy.ts';
import { startConnectProxy } from '../../test/support/connect-proxy.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { downloadLimits } from './download.ts';
import type { AdvisorySource } from './offer.ts';
import { closeServers, files, serve } from './samples-server.ts';
import { openAdvisorySource } from './source.ts';

afterEach(closeServers);

/** Name, content and age of what every offer brings; what is not there is left out. */
async function all(source: AdvisorySource): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const offer of await source.offers()) {
    const got = await offer.fetch(null, () => undefined);
    if (got.kind !== 'files') continue;
    const contents = got.files.map(({ file }) => readFileSync(file, 'utf8'));
    found.push([offer.feed.name, contents.join(), got.asOf?.toISOString() ?? null]);
    await got.release();
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
      ['osv:Debian', 'Debian/all.zip', time],
      ['osv:npm', 'npm/all.zip', time],
      ['kev', 'feeds/known_exploited_vulnerabilities.json', time],
    ]);
  });

  it('takes the catalogue from elsewhere, where it then has to be', async () => {
    const directory = temporaryDirectory();
    const kev = join(directory, 'kev.json');
    const source = openAdvisorySource({ from: directory, kev, temporary: temporary() });
    await expect(all(source)).rejects.toThrow(`the known-exploited catalogue is not at ${kev}`);
    writeFileSync(kev, '{}');
    expect(await all(source)).toMatchObject([['kev', '{}', expect.any(String)]]);
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
      ['osv:Debian', 'D', '2026-01-05T10:00:00.000Z'],
      ['osv:Rocky Linux', 'R', '2026-01-05T10:00:00.000Z'],
    ]);
    expect(seen).toEqual([
      '200 /osv/Debian/all.zip',
      '404 /osv/npm/all.zip',
      '200 /osv/Rocky%20Linux/all.zip',
      '404 /osv/feeds/known_exploited_vulnerabilities.json',
    ]);
    expect(readdirSync(place)).toEqual([]);
  });

  it('brings the catalogue, its own or another', async () => {
    const base = await serve(
      files({ '/feeds/known_exploited_vulnerabilities.json': 'own', '/kev': 'other' }),
    );
    // It is published when there is news: to have asked for it today is to be up to date.
    const today = '2026-06-01T00:00:00.000Z';
    const options = { from: base, ecosystems: [], temporary: temporary(), now: () => new Date(today) };
    expect(await all(openAdvisorySource(options))).toEqual([['kev', 'own', today]]);
    const other = openAdvisorySource({ ...options, kev: `${base}/kev` });
    expect(await all(other)).toEqual([['kev', 'other', today]]);
    const [gone] = await openAdvisorySource({ ...options, kev: `${base}/gone` }).offers();
    expect(await gone?.fetch(null, () => undefined)).toEqual({
      kind: 'absent',
      keeps: true,
      why: `${base}/gone answered 404`,
    });
    expect(await all(openAdvisorySource({ ...options, without: ['kev'] }))).toEqual([]);
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
  ])('fails at %s', async (_name, listener, code, message) => {
    const place = temporary();
    const source = openAdvisorySource({
      from: await serve(listener),
      ecosystems: ['Debian'],
      temporary: place,
      limits: { ...downloadLimits, bytes: 1000, idle: 1500, total: 3000, resumptions: 1, pause: 1 },
    });
    const failure = all(source);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    // What came of one that broke off is for the next update.
    expect(readdirSync(place)).toHaveLength(message === 'broke off' ? 2 : 0);
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
      ['osv:npm', 'moved', null],
      ['kev', 'moved', expect.any(String)],
    ]);
    expect(headers).toEqual([`Basic ${Buffer.from('user:pa ss').toString('base64')}`, undefined, undefined]);
    expect(source.where).not.toContain('pa');
  });

  it('does not take a 304 that it did not ask for as news, nor as none', async () => {
    const from = await serve((_request, response) => response.writeHead(304).end());
    const source = openAdvisorySource({ from, ecosystems: ['npm'], temporary: temporary() });
    await expect(all(source)).rejects.toThrow('answered 304 to a question without a condition');
  });

  it.each(['ftp://mirror.test/osv', 'file:///osv'])('is not %s', (from) => {
    expect(() => openAdvisorySource({ from, temporary: temporary() })).toThrow(
      'from a folder or from an http(s) URL',
    );
  });
});

it('the proxy of the environment is asked for feeds elsewhere, and not for those on this machine', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end());
  const proxy = await startConnectProxy();
  const { port } = new URL(url);
  for (const host of ['feeds.test', '127.0.0.1']) {
    const source = openAdvisorySource({
      from: `http://${host}:${port}`,
      kev: `http://${host}:${port}/kev.json`,
      ecosystems: ['npm'],
      temporary: temporaryDirectory(),
      proxies: proxiesOf({ HTTP_PROXY: proxy.url }),
    });
    const fetched = [];
    for (const offer of await source.offers()) fetched.push((await offer.fetch(null, () => undefined)).kind);
    expect(fetched).toEqual(['absent', 'absent']);
  }
  expect(new Set(proxy.tunnels)).toEqual(new Set([`feeds.test:${port}`]));
  await proxy.close();
});
