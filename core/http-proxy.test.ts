import { describe, expect, it } from '@jest/globals';
import { onlyProxy, proxiesOf, proxyFor } from './http-proxy.ts';

const through = (url: string, env: Record<string, string>): string | null =>
  proxyFor(new URL(url), proxiesOf(env))?.host ?? null;

describe('which proxy is asked', () => {
  const both = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };
  it.each<[string, Record<string, string>, string | null]>([
    ['https://registry.example', {}, null],
    ['https://registry.example', both, 'secure:1'],
    ['http://registry.example', both, 'plain:2'],
    ['http://registry.example', { HTTPS_PROXY: 'http://secure:1' }, null],
    ['https://registry.example', { ...both, https_proxy: 'http://lower:3' }, 'lower:3'],
    ['https://registry.example', { ...both, https_proxy: '' }, null],
    ['https://registry.example', { HTTPS_PROXY: 'secure:3128' }, 'secure:3128'],
    ...(
      [
        ['registry.example', '*', true],
        ['registry.example', 'example', true],
        ['registry.example', '.example', true],
        ['registry.example', '*.example', true],
        ['registry.example', 'Registry.Example', true],
        ['registry.example', 'other.example, registry.example', true],
        ['registry.example', 'other.example registry.example', true],
        ['registry.example', 'gistry.example', false],
        ['registry.example', 'registry.example:443', true],
        ['registry.example', 'registry.example:5000', false],
        ['registry.example:5000', 'registry.example:5000', true],
        ['registry.example', '.', false],
        ['10.1.2.3', '10.1.2.3', true],
        ['10.1.2.3', '2.3', false],
        ['10.1.2.3', '10.0.0.0/8', true],
        ['11.1.2.3', '10.0.0.0/8', false],
        ['10.1.2.3', '10.0.0.0/99', false],
        ['[fd00::1]', 'fd00::/8', true],
        ['[fd00::1]:5000', '[fd00::1]:5000', true],
        ['localhost:5000', '', true],
        ['127.0.0.9', '', true],
        ['[::1]', '', true],
      ] as const
    ).map(([host, NO_PROXY, excepted]): [string, Record<string, string>, string | null] => [
      `https://${host}`,
      { ...both, NO_PROXY },
      excepted ? null : 'secure:1',
    ]),
  ])('%s with %j: %s', (url, env, expected) => {
    expect(through(url, env)).toBe(expected);
  });

  it('a proxy that is named for one upstream is asked for this machine too', () => {
    expect(proxyFor(new URL('http://127.0.0.1:5000'), onlyProxy('http://named:1'))?.host).toBe('named:1');
  });

  it('refuses what is no address, without showing what it may hold', () => {
    expect(() => proxiesOf({ HTTPS_PROXY: 'socks5://u:secret@x' })).toThrow(/^HTTPS_PROXY is not an http/);
    expect(() => proxiesOf({ HTTPS_PROXY: 'socks5://u:secret@x' })).not.toThrow(/secret/);
  });
});
