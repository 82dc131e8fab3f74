import { describe, expect, it } from '@jest/globals';
import type { Package, PackageType } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { osvRecord } from '../../test/support/osv.ts';
import { parseOsvRecord } from '../feeds/osv/parse.ts';
import { emptyIndex } from '../samples-index.ts';
import { matchInventory } from './index.ts';
import { kernelNote, kernelSource } from './kernels.ts';

describe('the source under which advisories speak of a kernel', () => {
  it.each([
    ['linux-signed-amd64', '6.1.90+1', 'linux', '6.1.90-1'],
    ['linux-signed-arm64', '6.1.90+1~bpo11+1', 'linux', '6.1.90-1~bpo11+1'],
    ['linux-signed-i386', '5.10.218+1', 'linux', '5.10.218-1'],
    ['linux-signed-6.1-amd64', '6.1.90+1~deb11u1', 'linux-6.1', '6.1.90-1~deb11u1'],
    ['linux-signed', '5.15.0-107.117', 'linux', '5.15.0-107.117'],
    ['linux-signed-aws', '5.15.0-1062.68', 'linux-aws', '5.15.0-1062.68'],
    ['linux-signed-hwe-6.5', '6.5.0-35.35~22.04.1', 'linux-hwe-6.5', '6.5.0-35.35~22.04.1'],
    ['linux', '6.1.90-1', 'linux', '6.1.90-1'],
    ['linux-aws', '5.15.0-1062.68', 'linux-aws', '5.15.0-1062.68'],
    // These hold no kernel: what they depend on is in the list itself.
    ['linux-meta', '5.15.0.107.104', 'linux-meta', '5.15.0.107.104'],
    ['linux-latest', '105+deb10u1', 'linux-latest', '105+deb10u1'],
    ['shim-signed', '1.39+15.7-1', 'shim-signed', '1.39+15.7-1'],
  ])('%s %s is %s %s', (name, version, expected, inVersion) => {
    expect(kernelSource({ name, version })).toEqual({ name: expected, version: inVersion });
  });
});

describe('the note on findings', () => {
  const headers = /holds the kernel’s headers only$/;
  const image = /not on the one that this package holds$/;
  it.each<readonly [PackageType, string, string, RegExp | null]>([
    ['deb', 'linux-libc-dev', 'linux', headers],
    ['deb', 'linux-libc-dev-arm64-cross', 'linux', headers],
    ['deb', 'linux-headers-6.1.0-21-amd64', 'linux', headers],
    ['deb', 'linux-aws-headers-5.15.0-1062', 'linux-aws', headers],
    ['deb', 'linux-image-6.1.0-21-amd64', 'linux-signed-amd64', image],
    ['deb', 'linux-modules-5.15.0-107-generic', 'linux', image],
    ['deb', 'linux-perf', 'linux', null],
    ['deb', 'linux-image-tool', 'tool', null],
    ['deb', 'libc6', 'glibc', null],
    ['apk', 'linux-headers', 'linux-headers', headers],
    ['apk', 'linux-lts-dev', 'linux-lts', headers],
    ['apk', 'linux-virt', 'linux-lts', image],
    ['apk', 'linux-pam', 'linux-pam', null],
    ['rpm', 'kernel-headers', 'kernel', headers],
    ['rpm', 'kernel-rt-devel', 'kernel-rt', headers],
    ['rpm', 'kernel', 'kernel', image],
    ['rpm', 'kernel-core', 'kernel', image],
    ['rpm', 'kernel-debug-modules-extra', 'kernel', image],
    ['rpm', 'kernel-tools', 'kernel', null],
    ['rpm', 'kernel-srpm-macros', 'kernel-srpm-macros', null],
    ['npm', 'linux-headers', 'linux', null],
  ])('%s %s of %s', (type, name, source, expected) => {
    const one: Package = {
      ...{ type, name, version: '1', arch: null, source: { name: source, version: '1' }, purl: '' },
      ...{ layer: null, paths: [], licenses: [] },
    };
    const note = kernelNote(one);
    if (expected === null) expect(note).toBeNull();
    else expect(note).toMatch(expected);
  });
});

it('findings of a signed kernel are those of its source, with the note behind what the publisher says', () => {
  const record = osvRecord({
    id: 'DEBIAN-CVE-1',
    ecosystem: 'Debian:12',
    package: 'linux',
    fixed: '6.1.90-2',
  });
  const parsed = parseOsvRecord(record);
  if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
  const { advisory } = parsed;
  const index: AdvisoryIndex = {
    ...emptyIndex,
    affecting: (_, name) =>
      name === 'linux' ? advisory.affected.map((affected) => ({ advisory, affected })) : [],
  };
  const of = (name: string, source: Package['source']): Package => ({
    ...{
      type: 'deb',
      name,
      version: '6.1.90-1',
      arch: null,
      source,
      purl: '',
      layer: null,
      paths: [],
      licenses: [],
    },
  });
  const packages = [
    of('linux-image-6.1.0-21-amd64', { name: 'linux-signed-amd64', version: '6.1.90+1' }),
    of('linux-image-6.1.0-22-amd64', { name: 'linux-signed-amd64', version: '6.1.90+2' }),
    of('linux-perf', { name: 'linux', version: '6.1.90-1' }),
  ];
  const { findings } = matchInventory(
    {
      ...{ os: { id: 'debian', versionId: '12', name: 'Debian' }, platform: null, packages, incomplete: [] },
      ...{ unfit: [], analyzers: 't/1', content: 'image', facts: null, checks: [] },
    },
    index,
  );
  expect(findings.map((one) => [one.package, one.note])).toEqual([
    ['linux-image-6.1.0-21-amd64', expect.stringMatching(/^an image runs on its host’s kernel/)],
    ['linux-perf', undefined],
  ]);
});
