import { describe, expect, it } from '@jest/globals';
import { libraryVersion } from './toolchain.ts';

describe('the version of the standard library', () => {
  it.each([
    ['go1.22.3', '1.22.3'],
    ['go1.20', '1.20.0'],
    ['go1.21.0', '1.21.0'],
    ['go1.22rc1', '1.22.0-rc.1'],
    ['go1.22beta2', '1.22.0-beta.2'],
    ['go1.22.3 X:boringcrypto,loopvar', '1.22.3'],
    ['go1.22.3 (Red Hat 1.22.3-1.el9)', '1.22.3'],
    ['go1.21.4-1', '1.21.4'],
    ['go1.21.4+corp', '1.21.4'],
    ['go1.16.7b7', '1.16.7'],
    ['go1.19rc1b4', '1.19.0-rc.1'],
  ])('%s: %s', (toolchain, version) => expect(libraryVersion(toolchain)).toBe(version));

  it.each([
    'devel go1.23-abcdef0 Mon Jan 1 00:00:00 2024 +0000',
    'devel +abcdef0 Mon Jan 1 00:00:00 2018 +0000',
    'go1.22-20240101-RC00 cl/1234',
    'go1.22.3.4',
    'go1.22alpha1',
    'corp-7',
  ])('%s stays as it is', (toolchain) => expect(libraryVersion(toolchain)).toBe(toolchain));
});
