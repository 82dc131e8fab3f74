import { describe, expect, it } from '@jest/globals';
import { elementsOf } from '../xml.ts';
import { parseUpdate } from './parse.ts';

const pack = (name: string, version: string, release: string, arch = 'x86_64', epoch = '0'): string =>
  `<package name="${name}" version="${version}" release="${release}" epoch="${epoch}" arch="${arch}"><filename>Packages/${name}.rpm</filename></package>`;

/** The shape of Amazon Linux 2023's updateinfo.xml. */
function update(packages: string, { id = 'ALAS2023-2023-001', type = 'security' } = {}): string {
  return `<update author="linux-security@amazon.com" from="linux-security@amazon.com" status="final" type="${type}" version="1.4"><id>${id}</id><title>Amazon Linux 2023 - ${id}: Important priority package update for rsyslog</title><issued date="2023-02-17 20:41" /><updated date="2023-02-22 23:22" /><severity>Important</severity><description>Package updates are available</description><references><reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2022-24903" title="" id="CVE-2022-24903" type="cve" /><reference href="https://example.test" id="RHSA-1" type="rhsa" /></references><pkglist><collection short="amazon-linux-2023"><name>Amazon Linux 2023</name>${packages}</collection></pkglist></update>`;
}

function parsed(xml: string, release = '2023') {
  const [element] = elementsOf(`<updates>${xml}</updates>`, 'updates', 'update');
  if (element === undefined) throw new Error('no update');
  return parseUpdate(element, release);
}

const rsyslog = pack('rsyslog', '8.2204.0', '3.amzn2023.0.2');

describe('an update of Amazon Linux', () => {
  it('is read as an advisory', () => {
    const packages = [
      rsyslog,
      pack('rsyslog-debuginfo', '8.2204.0', '3.amzn2023.0.2'),
      pack('rsyslog', '8', '1', 'src'),
    ];
    expect(parsed(update(packages.join('')))).toEqual({
      kind: 'advisory',
      advisory: {
        id: 'ALAS2023-2023-001',
        kind: 'vulnerability',
        aliases: [],
        upstream: ['CVE-2022-24903'],
        summary: 'Important priority package update for rsyslog',
        url: 'https://alas.aws.amazon.com/AL2023/ALAS-2023-001.html',
        severity: 'high',
        cvss: null,
        published: '2023-02-17T20:41:00.000Z',
        modified: '2023-02-22T23:22:00.000Z',
        affected: [
          {
            ecosystem: 'Amazon Linux:2023',
            name: 'rsyslog',
            ranges: [[{ introduced: '0' }, { fixed: '8.2204.0-3.amzn2023.0.2' }]],
            versions: [],
            severity: null,
          },
        ],
      },
    });
  });

  it('of Amazon Linux 2 has an epoch, its pages, and the higher fix of two architectures', () => {
    const packages = [
      pack('qemu-img', '1.5.3', '141.amzn2.5.3', 'x86_64', '10'),
      pack('qemu-img', '1.5.3', '141.amzn2.5.10', 'aarch64', '10'),
    ].join('');
    expect(parsed(update(packages, { id: 'ALAS2-2018-942' }), '2')).toMatchObject({
      advisory: {
        url: 'https://alas.aws.amazon.com/AL2/ALAS-2018-942.html',
        affected: [{ ecosystem: 'Amazon Linux:2', ranges: [[{}, { fixed: '10:1.5.3-141.amzn2.5.10' }]] }],
      },
    });
  });

  it('is a bug fix where it says so', () => {
    expect(parsed(update(rsyslog, { type: 'bugfix' }))).toMatchObject({ advisory: { kind: 'bugfix' } });
  });

  it.each([
    ['without an id', update(rsyslog, { id: '' }), 'its id is none'],
    ['of another type', update(rsyslog, { type: 'rumour' }), 'unknown type "rumour"'],
    ['without packages', update(''), 'it names no package'],
    ['with a version that rpm does not know', update(pack('a', '1 2', '3')), 'package "a"'],
    ['with an epoch that is none', update(pack('a', '1', '3', 'x86_64', 'x')), 'package "a"'],
  ])('is rejected %s', (_name, xml, why) => {
    const record = parsed(xml);
    expect(record.kind === 'rejected' ? record.why : record).toContain(why);
  });
});
