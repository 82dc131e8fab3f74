import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage, buildIndex, debianRoot, linuxArm64, sha256, writeTar } from './images.ts';
import { osvRecord, writeOsvDirectory } from './osv.ts';
import { temporaryDirectory } from './temp.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const image = () =>
  buildImage({ layers: [{ files: debianRoot({ release: '12', packages: [{ name: 'a', version: '1' }] }) }] });

describe('loopback-only', () => {
  it.each(['192.0.2.1', 'registry.example'])('refuses %s by name', (host) => {
    expect(() => net.connect({ host, port: 9 })).toThrow(host);
  });

  it('holds for fetch too', async () => {
    await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
      cause: expect.objectContaining({ message: expect.stringContaining('192.0.2.1') }),
    });
  });
});

describe('images', () => {
  it('gives equal digests to equal descriptions, and others to others', () => {
    expect(image().manifest.digest).toBe(image().manifest.digest);
    const other = buildImage({ layers: [], config: { User: 'nobody' } });
    expect(other.manifest.digest).not.toBe(image().manifest.digest);
  });

  it('names layers by what they hold', () => {
    const layer = image().layers[0];
    expect(layer?.digest).toBe(sha256(layer?.bytes ?? ''));
    expect(layer?.diffId).toBe(sha256(gunzipSync(layer?.bytes ?? '')));
  });

  it('writes archives that tar reads', () => {
    const file = join(temporaryDirectory(), 'a.tar');
    const long = `${'d'.repeat(60)}/${'f'.repeat(99)}`;
    writeFileSync(
      file,
      writeTar([
        { path: 'dir/' },
        { path: 'dir/x', content: 'hello' },
        { path: 'l', link: 'dir/x' },
        { path: long },
      ]),
    );
    const list = execFileSync('tar', ['-tf', file], { encoding: 'utf8' });
    expect(list.trim().split('\n')).toEqual(['dir/', 'dir/x', 'l', long]);
    expect(execFileSync('tar', ['-xOf', file, 'dir/x'], { encoding: 'utf8' })).toBe('hello');
  });
});

describe('upstream', () => {
  let upstream: Upstream | null = null;
  afterEach(() => upstream?.close());

  it('serves an index, its children and their blobs, and counts', async () => {
    const index = buildIndex([image(), buildImage({ layers: [], platform: linuxArm64 })]);
    upstream = await startUpstream({ repositories: { 'library/a': { latest: index } } });
    const answer = await fetch(`${upstream.url}/v2/library/a/manifests/latest`);
    expect(answer.headers.get('docker-content-digest')).toBe(index.manifest.digest);
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(index.manifest.digest);
    for (const [digest, bytes] of index.blobs) {
      const blob = await fetch(`${upstream.url}/v2/library/a/blobs/${digest}`);
      expect(Buffer.from(await blob.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(upstream.count('/v2/library/a/manifests/latest', 'GET')).toBe(1);
    expect(upstream.count(/blobs/)).toBe(3);
  });

  it('cuts where it is told to', async () => {
    upstream = await startUpstream({ repositories: { a: { latest: image() } } });
    upstream.fault(/blobs/, { cutAfter: 10 });
    const digest = image().layers[0]?.digest;
    const answer = await fetch(`${upstream.url}/v2/a/blobs/${digest}`);
    await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
    expect(upstream.bytesSent(/blobs/)).toBe(10);
  });
});

it('writes OSV archives', async () => {
  const dir = temporaryDirectory();
  await writeOsvDirectory(dir, {
    Debian: [osvRecord({ id: 'DEBIAN-CVE-2026-1', ecosystem: 'Debian:12', package: 'a', fixed: '2' })],
    kev: [{ cveID: 'CVE-2026-1', dateAdded: '2026-02-01' }],
  });
  expect(
    readFileSync(join(dir, 'Debian', 'all.zip'))
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  expect(readFileSync(join(dir, 'feeds', 'known_exploited_vulnerabilities.json'), 'utf8')).toContain(
    'CVE-2026-1',
  );
});
