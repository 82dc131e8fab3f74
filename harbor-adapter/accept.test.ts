import { describe, expect, it } from '@jest/globals';
import { negotiate, parseContentType } from './accept.ts';
import { olderReportType, sbomReportType, vulnerabilityReportType } from './media-types.ts';

const offers = [vulnerabilityReportType, olderReportType, sbomReportType];
const [newer, older, sbom] = offers;

describe('the report that an Accept header asks for', () => {
  it.each<[header: string | undefined, chosen: string | null | undefined]>([
    // Harbor's own three.
    ['application/vnd.security.vulnerability.report; version=1.1', newer],
    ['application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0', older],
    ['application/vnd.security.sbom.report+json; version=1.0', sbom],
    // Spellings of the same.
    ['application/vnd.security.vulnerability.report;version=1.1', newer],
    ['application/vnd.security.vulnerability.report ; Version = "1.1"', newer],
    ['APPLICATION/VND.SECURITY.SBOM.REPORT+JSON; version=1.0', sbom],
    ['application/vnd.security.sbom.report+json; version=1.0; charset=utf-8', sbom],
    ['application/vnd.security.sbom.report+json', sbom],
    // Anything.
    [undefined, newer],
    ['', newer],
    ['*/*', newer],
    ['application/*', newer],
    ['text/html, */*;q=0.1', newer],
    // Lists and qualities.
    ['text/html, application/vnd.security.sbom.report+json', sbom],
    [`${older};q=0.2, ${sbom};q=0.9`, sbom],
    [`${older}, ${newer}`, newer],
    [`*/*, ${newer};q=0`, older],
    [`*/*;q=0.5, ${sbom}`, sbom],
    ['application/*;q=0, */*', null],
    // Nothing that there is.
    ['application/vnd.security.vulnerability.report; version=2.0', null],
    ['application/vnd.scanner.adapter.vuln.report.raw', null],
    ['application/json', null],
    ['*/*;q=0', null],
    ['*/*;q=2', null],
    ['*/json', null],
    ['nonsense', null],
    [',;,', null],
    [`${'a/b,'.repeat(2000)}*/*`, null],
    ['application/x; y="a,b', null],
    ['application/x; y="a,\\"*/*,", application/vnd.security.sbom.report+json', sbom],
  ])('%s', (header, chosen) => {
    expect(negotiate(header, offers)).toBe(chosen);
  });
});

describe('Content-Type', () => {
  it.each([
    ['application/json', { name: 'application/json', version: null, charset: null }],
    ['Application/JSON; Charset="UTF-8"', { name: 'application/json', version: null, charset: 'utf-8' }],
    ['a/b; version=1.0', { name: 'a/b', version: '1.0', charset: null }],
    ['*/*', null],
    ['', null],
    ['json', null],
  ])('%s', (header, read) => {
    expect(parseContentType(header)).toEqual(read);
  });
});
