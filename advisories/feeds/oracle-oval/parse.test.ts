import { describe, expect, it } from '@jest/globals';
import type { Advisory } from '../../../core/ports/advisories.ts';
import { elementsOf } from '../xml.ts';
import { parseDefinition } from './parse.ts';

const fix = (name: string, version: string, more = ''): string => `
<criteria operator="AND">
<criterion test_ref="oval:com.oracle.elsa:tst:2" comment="${name} is earlier than ${version}"/>
<criterion test_ref="oval:com.oracle.elsa:tst:3" comment="${name} is signed with the Oracle Linux 8 key"/>${more}
</criteria>`;
const ksplice = '<criterion test_ref="oval:com.oracle.elsa:tst:4" comment="openssl is ksplice-based"/>';
const on = (release: number, ...inner: readonly string[]): string => `
<criteria operator="AND">
<criterion test_ref="oval:com.oracle.elsa:tst:1" comment="Oracle Linux ${release} is installed"/>
<criteria operator="OR">${inner.join('')}</criteria></criteria>`;
const arch = (name: string, ...inner: readonly string[]): string => `
<criteria operator="AND"><criterion test_ref="t" comment="Oracle Linux arch is ${name}"/>
<criteria operator="OR">${inner.join('')}</criteria></criteria>`;
const module = (name: string, ...inner: readonly string[]): string => `
<criteria operator="AND"><criterion test_ref="t" comment="Module ${name} is enabled"/>
<criteria operator="OR">${inner.join('')}</criteria></criteria>`;

/** The shape of com.oracle.elsa-all.xml. */
function definition(criteria: string, title = 'rsyslog security update', id = 'ELSA-2022-4803'): string {
  return `<definition id="oval:com.oracle.elsa:def:20224803" version="501" class="patch">
<metadata>
<title>
${id}:  ${title} (IMPORTANT)
</title>
<affected family="unix"><platform>Oracle Linux 7</platform></affected>
<reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/>
<reference source="CVE" ref_id="CVE-2022-24903" ref_url="https://linux.oracle.com/cve/CVE-2022-24903.html"/>
<description>[8.24.0-57.3] - Address CVE-2022-24903</description>
<advisory>
<severity>IMPORTANT</severity>
<rights>Copyright 2022 Oracle, Inc.</rights>
<issued date="2022-05-31"/>
<cve cvss3="8.1/CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H" href="https://linux.oracle.com/cve/CVE-2022-24903.html" public="20220506">CVE-2022-24903</cve>
</advisory>
</metadata>${criteria}
</definition>`;
}

function parsed(xml: string) {
  const [element] = elementsOf(`<definitions>${xml}</definitions>`, 'definitions', 'definition');
  if (element === undefined) throw new Error('no definition');
  return parseDefinition(element);
}

function advisoryOf(xml: string): Advisory {
  const record = parsed(xml);
  if (record?.kind !== 'advisory') throw new Error(JSON.stringify(record));
  return record.advisory;
}

const rows = (xml: string): readonly (readonly unknown[])[] =>
  advisoryOf(xml).affected.map(({ ecosystem, name, ranges }) => [ecosystem, name, ranges[0]?.at(-1)]);

describe('a definition of Oracle’s', () => {
  it('is read as an advisory', () => {
    expect(advisoryOf(definition(on(7, fix('rsyslog', '0:8.24.0-57.0.1.el7_9.3'))))).toEqual({
      id: 'ELSA-2022-4803',
      kind: 'vulnerability',
      aliases: [],
      upstream: ['CVE-2022-24903'],
      summary: 'rsyslog security update',
      url: 'https://linux.oracle.com/errata/ELSA-2022-4803.html',
      severity: 'high',
      cvss: { vector: 'CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 8.1 },
      published: '2022-05-31T00:00:00.000Z',
      modified: null,
      affected: [
        {
          ecosystem: 'Oracle Linux:7',
          name: 'rsyslog',
          ranges: [[{ introduced: '0' }, { fixed: '8.24.0-57.0.1.el7_9.3' }]],
          versions: [],
          severity: null,
        },
      ],
    });
  });

  it('asks for the higher fix where architectures were built apart', () => {
    const criteria = on(
      7,
      arch(
        'aarch64',
        fix('rsyslog', '0:8.24.0-57.0.4.el7_9.3'),
        fix('rsyslog-doc', '0:8.24.0-57.0.1.el7_9.3'),
      ),
      arch(
        'x86_64',
        fix('rsyslog', '0:8.24.0-57.0.1.el7_9.3'),
        fix('rsyslog-doc', '0:8.24.0-57.0.1.el7_9.3'),
      ),
    );
    expect(rows(definition(criteria))).toEqual([
      ['Oracle Linux:7', 'rsyslog', { fixed: '8.24.0-57.0.4.el7_9.3' }],
      ['Oracle Linux:7', 'rsyslog-doc', { fixed: '8.24.0-57.0.1.el7_9.3' }],
    ]);
  });

  it('keeps releases apart, and an epoch that is one', () => {
    const criteria = `<criteria operator="OR">${on(6, fix('bind', '32:9.8.2-0.68.el6'))}${on(7, fix('bind', '32:9.11.4-26.el7'))}</criteria>`;
    expect(rows(definition(criteria))).toEqual([
      ['Oracle Linux:6', 'bind', { fixed: '32:9.8.2-0.68.el6' }],
      ['Oracle Linux:7', 'bind', { fixed: '32:9.11.4-26.el7' }],
    ]);
  });

  it('leaves out what is for live patching, and symbols', () => {
    const patch = fix('openssl', '2:1.1.1g-15.ksplice1.el8_3', ksplice);
    expect(parsed(definition(on(8, patch)))).toBeNull();
    const both = on(
      8,
      patch,
      fix('openssl', '1:1.1.1g-15.el8_3'),
      fix('openssl-debuginfo', '1:1.1.1g-15.el8_3'),
    );
    expect(rows(definition(both))).toEqual([['Oracle Linux:8', 'openssl', { fixed: '1:1.1.1g-15.el8_3' }]]);
  });

  it('says of certified builds what is said of them, and of no others', () => {
    const certified = definition(on(8, fix('gnutls', '10:3.6.16-4.0.1.el8_fips')));
    expect(advisoryOf(certified).affected[0]?.ranges).toEqual([
      [{ introduced: '10:0' }, { fixed: '10:3.6.16-4.0.1.el8_fips' }],
    ]);
  });

  it('names the streams of its modules in the summary', () => {
    const criteria = on(8, module('nodejs:18', fix('nodejs', '1:18.18.2-1.module+el8.8.0+90059+8c1bd7a4')));
    const known = advisoryOf(definition(criteria, 'nodejs:18 security update'));
    expect(known.summary).toBe('nodejs:18 security update');
    expect(advisoryOf(definition(criteria, 'Node.js update')).summary).toBe('nodejs:18 Node.js update');
  });

  it('is a bug fix by its id', () => {
    const one = definition(on(9, fix('bash', '0:5.1.8-6.el9')), 'bash bug fix update', 'ELBA-2024-0001');
    expect(advisoryOf(one).kind).toBe('bugfix');
  });

  const good = on(9, fix('bash', '0:5.1.8-6.el9'));
  it.each([
    ['without an id', definition(good).replace('source="elsa"', 'source="other"'), 'is no id'],
    ['without criteria', definition(''), 'it has no criteria'],
    ['without packages', definition(on(9)), 'it names no package'],
    [
      'without a release',
      definition(good.replace('Oracle Linux 9 is', 'Oracle Solaris is')),
      'names no release',
    ],
    ['with a version that rpm does not know', definition(on(9, fix('bash', 'latest'))), 'names no release'],
    ['with a name of two', definition(on(9, fix('bash zsh', '0:5.1.8-6.el9'))), 'names no release'],
    ['that compares otherwise', definition(good.replace('earlier', 'later')), 'compares in a way'],
    ['without metadata', '<definition id="x"/>', 'it has no metadata'],
  ])('is rejected %s', (_name, xml, why) => {
    const record = parsed(xml);
    expect(record?.kind === 'rejected' ? record.why : record).toContain(why);
  });
});
