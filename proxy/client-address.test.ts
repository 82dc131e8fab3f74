import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createClientAddresses, parseNetwork } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('where a request comes from', () => {
  it.each([
    ['no proxy is trusted', [], '10.0.0.1', '1.2.3.4', '10.0.0.1'],
    ['the connection is no proxy’s', ['10.0.0.0/8'], '9.9.9.9', '1.2.3.4', '9.9.9.9'],
    ['a proxy says', ['10.0.0.0/8'], '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['a proxy behind a proxy', ['10.0.0.0/8'], '10.0.0.1', '1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['a client that invents', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['a client that invents a proxy', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 10.0.0.9, 1.2.3.4', '1.2.3.4'],
    ['what is no address', ['10.0.0.0/8'], '10.0.0.1', '1.2.3.4, unknown', '10.0.0.1'],
    ['nothing', ['10.0.0.0/8'], '10.0.0.1', '', '10.0.0.1'],
    ['an address as IPv6', ['10.0.0.1'], '::ffff:10.0.0.1', '::ffff:1.2.3.4', '1.2.3.4'],
    ['IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['proxies alone', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('%s', (_what, trusted, remote, forwarded, from) => {
    expect(createClientAddresses(trusted).of(request(remote, forwarded))).toBe(from);
  });
  it('is the connection’s without a header', () => {
    expect(createClientAddresses(['10.0.0.0/8']).of(request('10.0.0.1'))).toBe('10.0.0.1');
  });
});

describe('parseNetwork', () => {
  it.each(['10.0.0.0/8', '10.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'])('takes %s', (text) => {
    expect(parseNetwork(text)).not.toBeNull();
  });
  it.each([
    '',
    'host',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    'fe80::1%eth0',
    '::/129',
    '::/01',
  ])('refuses %j', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});
