import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { onlyProxy, proxiesOf } from '../../core/http-proxy.ts';
import { startConnectProxy } from '../../test/support/connect-proxy.ts';
import { buildImage } from '../../test/support/images.ts';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import { startUpstream, type UpstreamOptions } from '../../test/support/upstream.ts';
import type { AddressClass } from './address-class.ts';
import { createUpstreamClient } from './client.ts';
import type { UpstreamConfig } from './config.ts';
import type { AddressBook } from './dispatchers.ts';

const image = buildImage({ layers: [] });
const tag = { kind: 'tag', tag: 'latest' } as const;
const { digest } = image.manifest;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: UpstreamOptions = {}) {
  const upstream = await startUpstream({ repositories: { 'org/app': { latest: image } }, ...options });
  closers.push(() => upstream.close());
  const client = (config: Partial<UpstreamConfig> = {}, addresses?: AddressBook) => {
    const made = createUpstreamClient(
      { name: 'corp', namespace: 'corp', url: upstream.url, credentials: null, ...config },
      { now: Date.now, ...(addresses === undefined ? {} : { addresses }) },
    );
    closers.push(() => made.close());
    return made;
  };
  return { upstream, client };
}
async function proxy(options: Parameters<typeof startConnectProxy>[0] = {}) {
  const made = await startConnectProxy(options);
  closers.push(() => made.close());
  return made;
}

describe('through a proxy', () => {
  const tls = selfSignedCertificate();
  it.each([
    ['http', {}, {}],
    ['https', { tls, hostname: 'localhost' as const }, { ca: tls.cert }],
  ])('an upstream of %s, its token service included', async (_what, options, config) => {
    const { upstream, client } = await start({ ...options, auth: { kind: 'token' } });
    const { url, tunnels } = await proxy({
      authorization: `Basic ${Buffer.from('u:p:q').toString('base64')}`,
    });
    const proxies = onlyProxy(url.replace('//', '//u:p%3Aq@'));
    const found = await client({ ...config, proxies }).getManifest('org/app', tag);
    expect(found).toMatchObject({ digest });
    expect(new Set(tunnels)).toEqual(new Set([upstream.host]));
  });

  it('of the environment: names are looked up there, and this machine is never asked for', async () => {
    const { upstream, client } = await start();
    const { url, tunnels } = await proxy();
    const proxies = proxiesOf({ HTTP_PROXY: url });
    const far = `http://registry.test:${new URL(upstream.url).port}`;
    expect(await client({ url: far, proxies }).getManifest('org/app', tag)).toMatchObject({ digest });
    expect(await client({ proxies }).getManifest('org/app', tag)).toMatchObject({ digest });
    expect(tunnels).toEqual([far.replace('http://', '')]);
  });

  it.each([407, 403, 502])('that answers %s is named, without its password', async (status) => {
    const { client } = await start();
    const { url } = await proxy({ status });
    const asked = client({ proxies: onlyProxy(url.replace('//', '//u:hidden@')) }).getManifest(
      'org/app',
      tag,
    );
    await expect(asked).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringMatching(new RegExp(`the proxy ${new URL(url).host} answered ${status}`)),
    });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining('hidden') });
  });
});

describe('where an upstream may lead', () => {
  /** Names and addresses of this machine, seen as if they were elsewhere. */
  const book = (own: AddressClass, other: AddressClass): AddressBook => ({
    lookup: ((name, options, done) => {
      const address = name === 'registry.localhost' ? '127.0.0.1' : '127.0.0.2';
      if (options.all === true) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    }) as LookupFunction,
    classOf: (address) => (address === '127.0.0.1' ? own : other),
  });
  const rows: readonly [AddressClass, AddressClass, boolean][] = [
    ['public', 'private', false],
    ['public', 'link-local', false],
    ['private', 'loopback', false],
    ['private', 'private', true],
  ];
  it.each(rows)('from a %s to a %s address: %s', async (own, other, allowed) => {
    for (const host of ['inner.localhost', '127.0.0.2']) {
      const { upstream, client } = await start();
      const { port } = new URL(upstream.url);
      const place = `/v2/org/app/manifests/latest`;
      upstream.fault(place, { redirect: `http://${host}:${port}/v2/org/app/manifests/${digest}` });
      const url = `http://registry.localhost:${port}`;
      const failure = await client({ url }, book(own, other))
        .getManifest('org/app', tag)
        .catch((error: unknown) => error);
      // Where it is let through nobody listens.
      expect(failure).toMatchObject({ code: allowed ? 'upstream-unreachable' : 'upstream-misbehaved' });
      if (!allowed) expect((failure as Error).message).toMatch(new RegExp(`${other} address.*privateHosts`));
      const exception = { url, privateHosts: [`${host}:${port}`] };
      await expect(client(exception, book(own, other)).getManifest('org/app', tag)).rejects.toMatchObject({
        code: 'upstream-unreachable',
      });
    }
  });

  it('a token service is looked at like a redirect, and gets nothing', async () => {
    const { upstream, client } = await start();
    upstream.fault(/./, {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="http://169.254.169.254/token"' },
    });
    await expect(client().getManifest('org/app', tag)).rejects.toMatchObject({
      code: 'upstream-misbehaved',
      message: expect.stringMatching(/link-local/),
    });
  });
});

describe('a client certificate', () => {
  it('is shown to the upstream', async () => {
    const tls = selfSignedCertificate();
    const { upstream, client } = await start({ tls });
    expect(upstream.url).toMatch(/^https/);
    const certificate = { cert: tls.cert, key: tls.key };
    const asked = client({ ca: tls.cert, clientCertificate: certificate }).getManifest('org/app', tag);
    expect(await asked).toMatchObject({ digest });
  });
});
