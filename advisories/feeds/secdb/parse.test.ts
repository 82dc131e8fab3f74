import { describe, expect, it } from '@jest/globals';
import { namesIn } from './names.ts';
import { parseSecdbPackage, type SecdbDialect } from './parse.ts';

const dialect: SecdbDialect = {
  ecosystem: 'Alpine:v3.19',
  cveId: (cve) => `ALPINE-${cve}`,
  url: (name) => `https://x.test/${name}`,
};

const records = (name: unknown, secfixes: unknown) =>
  parseSecdbPackage({ pkg: { name, secfixes } }, dialect, 'v3.19/main.json');

/** Each advisory as id, aliases, upstream and fixes; each rejected record as its name and why. */
const short = (name: unknown, secfixes: unknown) =>
  records(name, secfixes).map((record) => {
    if (record.kind === 'rejected') return [record.name, record.why];
    if (record.kind !== 'advisory') return record.kind;
    const { id, aliases, upstream, summary, affected } = record.advisory;
    const fixes = affected.flatMap((one) => one.ranges.map((events) => JSON.stringify(events.at(-1))));
    return [id, aliases, upstream, summary, fixes];
  });

const fixed = (version: string) => JSON.stringify({ fixed: version });

describe('a package of a secdb', () => {
  it('has an advisory for every CVE that it fixed', () => {
    const busybox = { '0': ['CVE-2021-42373', 'CVE-2021-42376'], '1.27.2-r4': ['CVE-2017-16544'] };
    expect(records('busybox', busybox)).toEqual([
      {
        kind: 'advisory',
        advisory: {
          id: 'ALPINE-CVE-2017-16544',
          kind: 'vulnerability',
          aliases: [],
          upstream: ['CVE-2017-16544'],
          summary: '',
          url: 'https://x.test/CVE-2017-16544',
          severity: null,
          cvss: null,
          published: null,
          modified: null,
          affected: [
            {
              ecosystem: 'Alpine:v3.19',
              name: 'busybox',
              ranges: [[{ introduced: '0' }, { fixed: '1.27.2-r4' }]],
              versions: [],
              severity: null,
            },
          ],
        },
      },
    ]);
  });

  it.each<[string, unknown, unknown]>([
    ['fixed in version 0 was never affected', { '0': ['CVE-2021-42373'] }, []],
    [
      'fixed twice is fixed with the later',
      { '1.1-r0': ['CVE-2024-0001'], '2.0-r1': ['CVE-2024-0001'] },
      [['ALPINE-CVE-2024-0001', [], ['CVE-2024-0001'], '', [fixed('1.1-r0'), fixed('2.0-r1')]]],
    ],
    [
      'never affected and fixed is fixed: the stricter of the two holds',
      { '0': ['CVE-2024-0001'], '2.0-r1': ['CVE-2024-0001'] },
      [['ALPINE-CVE-2024-0001', [], ['CVE-2024-0001'], '', [fixed('2.0-r1')]]],
    ],
    [
      'another name of it is an alias',
      { '3.0-r0': ['CVE-2016-10134 ZBX-11023', 'XSA-207', 'GHSA-jq35-85cj-fj4p'] },
      [
        ['ALPINE-CVE-2016-10134', ['ZBX-11023'], ['CVE-2016-10134'], '', [fixed('3.0-r0')]],
        ['XSA-207', [], [], '', [fixed('3.0-r0')]],
        ['GHSA-jq35-85cj-fj4p', [], [], '', [fixed('3.0-r0')]],
      ],
    ],
    [
      'a name of several CVEs is an alias of none, which would make them one',
      { '4.9-r1': ['CVE-2017-10921 XSA-224'], '4.9-r2': ['CVE-2017-10922  XSA-224'] },
      [
        ['ALPINE-CVE-2017-10921', [], ['CVE-2017-10921'], 'see XSA-224', [fixed('4.9-r1')]],
        ['ALPINE-CVE-2017-10922', [], ['CVE-2017-10922'], 'see XSA-224', [fixed('4.9-r2')]],
      ],
    ],
    ['nothing, as Lua writes it', { '1-r0': {}, '2-r0': [] }, []],
    ['no fixes', {}, []],
    ['no fixes, as a list', [], []],
    ['no fixes at all', null, []],
  ])('%s', (_name, secfixes, expected) => {
    expect(short('p', secfixes)).toEqual(expected);
  });

  it.each<[string, unknown, unknown, string, string]>([
    [
      'an entry without a name',
      'xen',
      { '4-r0': ['CVE-????-?????'] },
      'v3.19/main.json: xen 4-r0',
      'CVE-????',
    ],
    ['an entry that is no text', 'xen', { '4-r0': [7] }, 'v3.19/main.json: xen 4-r0', 'no name in 7'],
    ['names that are no list', 'xen', { '4-r0': 'CVE-2020-1234' }, 'v3.19/main.json: xen 4-r0', 'no list'],
    [
      'a fix that is no version',
      'xen',
      { 'a b': ['CVE-2020-1234'] },
      'v3.19/main.json: xen a b',
      'no version',
    ],
    ['fixes that are no object', 'xen', 'x', 'v3.19/main.json: xen', '"secfixes" is no object'],
    ['no name', undefined, {}, 'v3.19/main.json: a package without a name', '"name"'],
  ])('rejects %s', (_name, name, secfixes, called, why) => {
    expect(short(name, secfixes)).toEqual([[called, expect.stringContaining(why)]]);
  });

  it('rejects one entry alone', () => {
    expect(short('xen', { '4-r0': ['?', 'CVE-2020-1234'] })).toHaveLength(2);
    expect(parseSecdbPackage({ name: 'x' }, dialect, 'f')).toMatchObject([{ kind: 'rejected' }]);
    expect(parseSecdbPackage(null, dialect, 'f')).toMatchObject([{ kind: 'rejected' }]);
  });
});

describe('the names in an entry', () => {
  it.each<[string, readonly string[] | null, readonly string[]]>([
    ['CVE-2021-1234', ['CVE-2021-1234'], []],
    ['CVE-2017-2616 (+ regression fix)', ['CVE-2017-2616'], []],
    ['CVE-2018-10105 (SMB - too unreliably reproduced, see CVE-2018-10103)', ['CVE-2018-10105'], []],
    ['CVE-2019-11091  XSA-297', ['CVE-2019-11091'], ['XSA-297']],
    ['CVE-2017-5753 CVE-2017-5715 XSA-254 XPTI', ['CVE-2017-5753', 'CVE-2017-5715'], ['XSA-254']],
    ['CVE-2017-14450 TALOS-2017-0499', ['CVE-2017-14450'], ['TALOS-2017-0499']],
    ['CVE-????-?????  XSA-295', ['XSA-295'], []],
    ['CVE-2017-17434-1', ['CVE-2017-17434'], []],
    ['CVE-2017-8073.patch', ['CVE-2017-8073'], []],
    ['CVE_2019-2426', ['CVE-2019-2426'], []],
    ['CVE 2018-16859', ['CVE-2018-16859'], []],
    ['wnpa-sec-2017-21', ['wnpa-sec-2017-21'], []],
    ['VSV00004', ['VSV00004'], []],
    ['CGA-abcd-efgh-jklm', ['CGA-abcd-efgh-jklm'], []],
    ['CVE-2018-1', null, []],
    ['(CVE-2018-12345)', null, []],
    ['fix', null, []],
    ['', null, []],
    [`XSA-1${'x'.repeat(2000)}`, null, []],
  ])('%j', (entry, ids, others) => {
    expect(namesIn(entry)).toEqual(ids === null ? null : { ids, others });
  });
});
