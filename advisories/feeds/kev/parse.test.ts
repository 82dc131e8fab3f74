import { describe, expect, it } from '@jest/globals';
import { parseKev } from './parse.ts';

describe('the known-exploited catalogue', () => {
  it('gives ids with the day they were added', () => {
    const entry = { cveID: 'CVE-2021-44228', vendorProject: 'Apache', dateAdded: '2021-12-10' };
    expect(parseKev(JSON.stringify({ title: 'KEV', count: 1, vulnerabilities: [entry] }))).toEqual([
      { id: 'CVE-2021-44228', addedAt: '2021-12-10' },
    ]);
  });

  it.each([
    ['a web page', '<html>', 'no JSON'],
    ['another file', '{"count": 3}', 'vulnerabilities'],
    ['no entry', '{"vulnerabilities": []}', 'no entries'],
    [
      'a broken entry',
      '{"vulnerabilities": [{"cveID": "CVE-1"}, {"cve": "CVE-2"}]}',
      'vulnerabilities.1.cveID',
    ],
  ])('is refused when it is %s', (_name, text, why) => {
    const parsed = parseKev(text);
    expect('rejected' in parsed ? parsed.rejected : '').toContain(why);
  });
});
