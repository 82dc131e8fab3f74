import { describe, expect, it } from '@jest/globals';
import type { Advisory } from '../../../core/ports/advisories.ts';
import { parseVex } from './parse.ts';
import { type SampleVex, sampleVex } from './samples.ts';

const appstream = 'AppStream-9.3.0.Z.MAIN';
const older = 'AppStream-9.2.0.Z.MAIN.EUS';
const eus = 'AppStream-9.0.0.Z.EUS';
const rhel8 = 'red_hat_enterprise_linux_8';
const rhel9 = 'red_hat_enterprise_linux_9';
const satellite = '8Base-satellite-6.14';
const releases = [
  { id: appstream, cpe: 'cpe:/a:redhat:enterprise_linux:9::appstream' },
  { id: older, cpe: 'cpe:/a:redhat:enterprise_linux:9::appstream' },
  { id: eus, cpe: 'cpe:/a:redhat:rhel_eus:9.0::appstream' },
  { id: rhel8, cpe: 'cpe:/o:redhat:enterprise_linux:8' },
  { id: rhel9, cpe: 'cpe:/o:redhat:enterprise_linux:9' },
  { id: satellite, cpe: 'cpe:/a:redhat:satellite:6.14::el8' },
];

/** `curl-0:7.76.1-26.el9_3.2.x86_64`, as the names of products are. */
function built(nevra: string, module?: string) {
  const [, name = '', epoch = '', version = '', arch = ''] =
    /^(.+)-(\d+):(.+)\.([a-z0-9_]+)$/.exec(nevra) ?? [];
  const words = [`arch=${arch}`, ...(epoch === '0' ? [] : [`epoch=${epoch}`])];
  if (module !== undefined) words.push(`rpmmod=${module}:8090020230627084142:b46abd14`);
  const id = module === undefined ? nevra : `${nevra}::${module}`;
  return { id, purl: `pkg:rpm/redhat/${name}@${encodeURIComponent(version)}?${words.join('&')}` };
}

const open = (name: string, query = '') => ({ id: name, purl: `pkg:rpm/redhat/${name}${query}` });

function recordsOf(sample: Partial<SampleVex>) {
  const products = [...releases, ...(sample.products ?? [])];
  return parseVex(sampleVex({ status: {}, ...sample, products }), '2023/cve.json');
}

function advisoriesOf(sample: Partial<SampleVex>): Advisory[] {
  return recordsOf(sample).map((record) => {
    if (record.kind !== 'advisory') throw new Error(JSON.stringify(record));
    return record.advisory;
  });
}

const rows = (advisory: Advisory | undefined): readonly (readonly unknown[])[] =>
  (advisory?.affected ?? []).map(({ ecosystem, name, ranges, state, note }) => [
    ecosystem.replace('Red Hat:enterprise_linux:', ''),
    name,
    ranges[0]?.slice(1),
    ...(state === undefined && note === undefined ? [] : [state, note]),
  ]);

describe('a VEX document of Red Hat’s', () => {
  it('is read as an advisory under the CVE’s name', () => {
    const fixed = built('curl-0:7.76.1-26.el9_3.2.x86_64');
    const id = `${appstream}:${fixed.id}`;
    expect(
      advisoriesOf({
        products: [fixed],
        status: { fixed: [[appstream, fixed.id]] },
        impacts: [['Low', id]],
        vectors: [['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H', id]],
      }),
    ).toEqual([
      {
        id: 'REDHAT-CVE-2023-38545',
        kind: 'vulnerability',
        aliases: [],
        upstream: ['CVE-2023-38545'],
        summary: 'curl: heap based buffer overflow',
        url: 'https://access.redhat.com/security/cve/CVE-2023-38545',
        severity: 'low',
        cvss: { vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 8.1 },
        published: '2023-10-11T00:00:00.000Z',
        modified: '2025-11-21T14:31:32.000Z',
        affected: [
          {
            ecosystem: 'Red Hat:enterprise_linux:9::appstream',
            name: 'curl',
            ranges: [[{ introduced: '0' }, { fixed: '7.76.1-26.el9_3.2' }]],
            versions: [],
            severity: null,
          },
        ],
      },
    ]);
  });

  it('asks for the highest fix of a release, and leaves out other products, sources and symbols', () => {
    const list = [
      built('curl-0:7.76.1-23.el9_2.4.x86_64'),
      built('curl-0:7.76.1-26.el9_3.2.aarch64'),
      built('curl-0:7.76.1-26.el9_3.2.src'),
      built('curl-debuginfo-0:7.76.1-26.el9_3.2.x86_64'),
      built('bind-32:9.16.23-1.el9.x86_64'),
    ];
    const [first, second, source, symbols, bind] = list.map((one) => one.id);
    const fixed = [
      [older, first],
      [appstream, second],
      [appstream, source],
      [appstream, symbols],
      [appstream, bind],
      [eus, first],
      [satellite, first],
    ].map(([release = '', component = '']): [string, string] => [release, component]);
    expect(rows(advisoriesOf({ products: list, status: { fixed } })[0])).toEqual([
      ['9::appstream', 'curl', [{ fixed: '7.76.1-26.el9_3.2' }]],
      ['9::appstream', 'bind', [{ fixed: '32:9.16.23-1.el9' }]],
    ]);
  });

  it('tells what is not fixed, with what Red Hat means to do', () => {
    const status = {
      known_affected: [rhel8, rhel9].map((release): [string, string] => [release, 'vim']),
      under_investigation: [[rhel9, 'vim-minimal']] as const,
    };
    const [advisory] = advisoriesOf({
      products: [{ id: 'vim' }, open('vim-minimal')],
      status,
      remediations: [
        ['workaround', 'Do not run vim with -s', `${rhel8}:vim`, `${rhel9}:vim`],
        ['no_fix_planned', 'Will not fix', `${rhel8}:vim`],
        ['none_available', 'Affected', `${rhel9}:vim`],
      ],
    });
    expect(rows(advisory)).toEqual([
      ['8', 'vim', [], 'will_not_fix', 'Will not fix'],
      ['9', 'vim', []],
      ['9', 'vim-minimal', [], 'under_investigation', undefined],
    ]);
  });

  it('has a record for each stream of a module, and one for what is in none', () => {
    const products = [
      built('nodejs-1:18.18.2-2.module+el8.8.0+1+a.x86_64', 'nodejs:18'),
      built('nodejs-1:20.8.1-1.module+el8.9.0+2+b.x86_64', 'nodejs:20'),
      open('nghttp2'),
      { id: 'nodejs:16/nodejs', purl: 'pkg:rpm/redhat/nodejs@16?arch=src&rpmmod=nodejs:16' },
      { id: 'nodejs:14/nodejs' },
    ];
    const [n18 = '', n20 = '', ...others] = products.map((one) => one.id);
    const release8 = { id: 'AppStream-8.9', cpe: 'cpe:/a:redhat:enterprise_linux:8::appstream' };
    const advisories = advisoriesOf({
      title: 'HTTP/2:Rapid reset',
      products: [...products, release8],
      status: {
        fixed: [n18, n20].map((one): [string, string] => [release8.id, one]),
        known_affected: others.map((one): [string, string] => [rhel8, one]),
      },
    });
    expect(advisories.map((one) => [one.id, one.summary, ...rows(one)])).toEqual([
      [
        'REDHAT-CVE-2023-38545:nodejs:18',
        'nodejs:18 HTTP/2: Rapid reset',
        ['8::appstream', 'nodejs', [{ fixed: '1:18.18.2-2.module+el8.8.0+1+a' }]],
      ],
      [
        'REDHAT-CVE-2023-38545:nodejs:20',
        'nodejs:20 HTTP/2: Rapid reset',
        ['8::appstream', 'nodejs', [{ fixed: '1:20.8.1-1.module+el8.9.0+2+b' }]],
      ],
      ['REDHAT-CVE-2023-38545', 'HTTP/2: Rapid reset', ['8', 'nghttp2', []]],
      ['REDHAT-CVE-2023-38545:nodejs:16', 'nodejs:16 HTTP/2: Rapid reset', ['8', 'nodejs', []]],
      ['REDHAT-CVE-2023-38545:nodejs:14', 'nodejs:14 HTTP/2: Rapid reset', ['8', 'nodejs', []]],
    ]);
  });

  it('takes a source package for the binary one of its name, unless that is spared or fixed', () => {
    const source = { id: 'curl.src', purl: 'pkg:rpm/redhat/curl?arch=src' };
    const fixed = built('curl-0:7.76.1-26.el9_3.2.x86_64');
    const products = [source, open('curl'), fixed];
    const affected = { known_affected: [[rhel9, source.id]] as const };
    const told = (status: SampleVex['status']) => rows(advisoriesOf({ products, status })[0]);
    expect(told(affected)).toEqual([['9', 'curl', []]]);
    expect(told({ ...affected, known_not_affected: [[rhel9, 'curl']] })).toEqual([]);
    expect(told({ ...affected, fixed: [[appstream, fixed.id]] })).toHaveLength(1);
  });

  it('puts minor releases of 10 under it, and longer support of 7 under its own name', () => {
    const ten = { id: 'BaseOS-10.1', cpe: 'cpe:/o:redhat:enterprise_linux:10.1' };
    const els = { id: '7Server-ELS', cpe: 'cpe:/o:redhat:rhel_els:7' };
    const [a, b] = [built('curl-0:8.9.1-1.el10_1.x86_64'), built('curl-0:7.29.0-59.el7_9.3.x86_64')];
    const status = { fixed: [[ten.id, a.id] as const, [els.id, b.id] as const] };
    const [advisory] = advisoriesOf({ products: [ten, els, a, b], status });
    expect(advisory?.affected.map((one) => one.ecosystem)).toEqual([
      'Red Hat:enterprise_linux:10',
      'Red Hat:rhel_els:7',
    ]);
  });

  it('is forgotten where it was deleted, and says nothing of other products', () => {
    const deleted = { document: { tracking: { id: 'CVE-2023-0118', status: 'deleted' } } };
    expect(parseVex(deleted, 'x')).toEqual([{ kind: 'withdrawn', id: 'REDHAT-CVE-2023-0118' }]);
    const status = { known_affected: [[satellite, 'vim']] as const };
    expect(recordsOf({ products: [{ id: 'vim' }], status })).toEqual([]);
  });

  const flawed = (purl: string, list = 'fixed'): Partial<SampleVex> => ({
    products: [{ id: 'x', purl }],
    status: { [list]: [[appstream, 'x']] },
  });
  const nested = (): unknown => {
    let branches: unknown[] = [];
    for (let i = 0; i < 40; i++) branches = [{ branches }];
    return { ...sampleVex({ products: [], status: {} }), product_tree: { branches } };
  };
  it.each<[string, () => readonly { readonly kind: string }[], string]>([
    ['no object', () => parseVex([], 'f'), 'at ""'],
    ['no id', () => parseVex({ document: { tracking: {} } }, 'f'), 'at "document.tracking.id"'],
    [
      'statuses of another shape',
      () =>
        parseVex(
          {
            ...sampleVex({ products: [], status: {} }),
            vulnerabilities: [{ cve: 'CVE-2023-0001', product_status: { fixed: 'all' } }],
          },
          'f',
        ),
      'product_status.fixed',
    ],
    ['products nested too deep', () => parseVex(nested(), 'f'), 'nested more than 32 deep'],
    ['a fix without a version', () => recordsOf(flawed('pkg:rpm/redhat/curl')), 'is fixed in a version'],
    [
      'a name that is none',
      () => recordsOf(flawed('pkg:rpm/redhat/%20curl', 'known_affected')),
      'names no package',
    ],
    ['a purl that is none', () => recordsOf(flawed('pkg:rpm/redhat/', 'known_affected')), 'names no package'],
    [
      'a module without stream',
      () => recordsOf(flawed('pkg:rpm/redhat/a?rpmmod=rhel10', 'known_affected')),
      'names no package',
    ],
    [
      'a product that it does not describe',
      () => recordsOf({ status: { fixed: [[appstream, 'nothing']] } }),
      'does not describe',
    ],
    [
      'a release that is none',
      () =>
        recordsOf({
          products: [{ id: 'r', cpe: 'cpe:/o:redhat:enterprise_linux:nine' }],
          status: { fixed: [['r', 'x']] },
        }),
      'names no release',
    ],
  ])('is rejected for %s', (_name, records, why) => {
    expect(records()).toEqual([
      { kind: 'rejected', name: expect.any(String), why: expect.stringContaining(why) },
    ]);
  });
});
