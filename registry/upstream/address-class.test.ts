import { expect, it } from '@jest/globals';
import { type AddressClass, classOfAddress, mayLeadTo } from './address-class.ts';

it.each<[string, AddressClass]>([
  ['8.8.8.8', 'public'],
  ['2606:4700::1', 'public'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd00::1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::', 'loopback'],
  ['[::1]', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['::ffff:a9fe:a9fe', 'link-local'],
  ['64:ff9b::a00:1', 'private'],
  ['2002:7f00:1::', 'loopback'],
])('%s is %s', (address, expected) => {
  expect(classOfAddress(address)).toBe(expected);
});

it.each<[AddressClass, AddressClass, boolean]>([
  ['public', 'public', true],
  ['public', 'private', false],
  ['public', 'loopback', false],
  ['public', 'link-local', false],
  ['private', 'public', true],
  ['private', 'private', true],
  ['private', 'loopback', false],
  ['private', 'link-local', false],
  ['loopback', 'loopback', true],
  ['loopback', 'private', true],
  ['loopback', 'link-local', false],
  ['link-local', 'link-local', true],
])('from %s to %s: %s', (from, to, expected) => {
  expect(mayLeadTo(from, to)).toBe(expected);
});
