import { describe, expect, it } from '@jest/globals';
import { rpm } from './index.ts';

const path = 'var/lib/rpmmanifest/container-manifest-2';
const line = (...fields: readonly string[]): string => `${fields.join('\t')}\n`;
const parse = (text: string): ReturnType<typeof rpm.parse> => rpm.parse(path, Buffer.from(text));
const openssl = ['openssl-libs', '3.3.0-2.azl3', '1721000000', '1720000000', 'Microsoft Corporation'];

describe('the list of packages of an image without rpm', () => {
  it('is of note', () => {
    expect(rpm.match(path)?.kind).toBe('content');
    expect(rpm.match('var/lib/rpmmanifest/container-manifest-1')).toBeNull();
  });

  it.each([
    ['(none)', '3.3.0-2.azl3'],
    ['0', '3.3.0-2.azl3'],
    ['1', '1:3.3.0-2.azl3'],
  ])('names packages with the epoch %s and their sources', (epoch, version) => {
    const text = line(...openssl, epoch, '5000000', 'x86_64', '0', 'openssl-3.3.0-2.azl3.src.rpm');
    expect(parse(text)).toEqual({
      packages: [
        {
          ...{ type: 'rpm', name: 'openssl-libs', version, arch: 'x86_64', licenses: [] },
          source: { name: 'openssl', version: '3.3.0-2.azl3' },
        },
      ],
      os: null,
      incomplete: [],
    });
  });

  it.each([
    ['too few fields', line('a', '1-1')],
    ['no release', line('a', '1', '0', '0', 'v', '0', '0', 'noarch', '0', 'a-1-1.src.rpm')],
    ['an epoch that is no number', line('a', '1-1', '0', '0', 'v', 'x', '0', 'noarch', '0', 'a-1-1.src.rpm')],
    ['no name', line('', '1-1', '0', '0', 'v', '0', '0', 'noarch', '0', 'a-1-1.src.rpm')],
  ])('says so when a line has %s', (_, text) => {
    expect(parse(text)).toMatchObject({
      packages: [],
      incomplete: [{ what: path, why: expect.stringContaining('a line of it is no package') }],
    });
  });

  it('tells a number of faults', () => {
    expect(parse('x\n'.repeat(1000)).incomplete).toHaveLength(51);
  });
});
