import { describe, expect, it } from '@jest/globals';
import { isEpssHeader, parseEpssRow } from './parse.ts';

describe('a row of EPSS', () => {
  it.each([
    ['CVE-1999-0001,0.03351,0.88255', 'CVE-1999-0001', 0.034],
    ['CVE-1999-0016,0.95739,0.99871', 'CVE-1999-0016', 0.96],
    ['CVE-2024-1234567,0.00043,0.1', 'CVE-2024-1234567', 0.00043],
    ['CVE-2020-1234,0.99999,1', 'CVE-2020-1234', 1],
    ['CVE-2020-1234,0,0', 'CVE-2020-1234', 0],
    ['CVE-2020-1234,1.0,0.5', 'CVE-2020-1234', 1],
    ['CVE-2020-1234,4.3e-04,0.5', 'CVE-2020-1234', 0.00043],
    ['CVE-2020-1234,0.5', 'CVE-2020-1234', 0.5],
  ])('%s', (line, id, score) => {
    expect(parseEpssRow(line, 3)).toEqual({ kind: 'epss', id, score });
  });

  it.each([
    ['CVE-1999-0001,1.1,0.9', 'CVE-1999-0001', '"1.1" is no number from 0 to 1'],
    ['CVE-1999-0001,-0.1,0.9', 'CVE-1999-0001', '"-0.1"'],
    ['CVE-1999-0001,NaN,0.9', 'CVE-1999-0001', '"NaN"'],
    ['CVE-1999-0001,,0.9', 'CVE-1999-0001', '""'],
    ['CVE-1999-0001,0x1,0.9', 'CVE-1999-0001', '"0x1"'],
    ['CVE-1999-0001,0.1.2,0.9', 'CVE-1999-0001', '"0.1.2"'],
    ['CVE-1999-0001', 'CVE-1999-0001', '""'],
    ['GHSA-1,0.1,0.9', 'line 3', 'no CVE'],
    ['<html>', 'line 3', 'no CVE'],
  ])('%s is rejected', (line, name, why) => {
    expect(parseEpssRow(line, 3)).toEqual({ kind: 'rejected', name, why: expect.stringContaining(why) });
  });

  it.each([
    ['cve,epss,percentile', true],
    ['cve,epss', true],
    ['cve,epss_score', false],
    ['CVE-1999-0001,0.03351,0.88255', false],
  ])('%s is the line with the names of the columns: %s', (line, is) => {
    expect(isEpssHeader(line)).toBe(is);
  });
});
