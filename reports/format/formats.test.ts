import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeReport } from '../make.ts';
import type { Cell, ReportTable } from '../report.ts';
import { askOf, digest, finding } from '../samples.ts';
import { reportCsv } from './csv.ts';
import { htmlStyleHash, reportHtml } from './html.ts';
import { reportJson } from './json.ts';

function tableOf(...rows: (readonly Cell[])[]): ReportTable {
  return {
    name: 'images',
    title: 'What is said of each image',
    asOf: '2026-06-10T12:00:00.000Z',
    policies: [{ name: 'baseline', revision: '0123456789abcdef' }],
    advisories: { revision: 'a1', updatedAt: '2026-06-09T00:00:00Z' },
    columns: (rows[0] ?? []).map((_, index) => ({ key: `c${index}`, title: `C${index}` })),
    rows,
    offset: 0,
    total: rows.length,
    incomplete: [],
    notes: [],
  };
}

describe('CSV', () => {
  const cells: readonly (readonly [string, Cell, string])[] = [
    ['a plain text', 'nginx', 'nginx'],
    ['nothing', null, ''],
    ['a number, negative ones too', -5, '-5'],
    ['yes', true, 'yes'],
    ['a list', ['a', 'b'], 'a; b'],
    ['a comma', 'a,b', '"a,b"'],
    ['a quotation mark', 'say "hi"', '"say ""hi"""'],
    ['a line break, taken out', 'a\r\nb', 'a??b'],
    ['a formula', '=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
    ['a formula with +', '+1', "'+1"],
    ['a formula with -', '-1+cmd', "'-1+cmd"],
    ['a formula with @', '@SUM(A1)', "'@SUM(A1)"],
    ['a formula behind spaces', '  =1', "'  =1"],
    ['a formula behind a tab, taken out', '\t=1', '?=1'],
    ['a wide formula', '＝1', "'＝1"],
    ['a list that begins like one', ['=1', 'b'], "'=1; b"],
  ];
  it.each(cells)('writes %s', (_name, cell, written) => {
    expect(reportCsv(tableOf([cell, 'x']))).toBe(`c0,c1\r\n${written},x\r\n`);
  });
});

describe('the HTML page', () => {
  const hostile = '<script>alert(1)</script><img src=x onerror="alert(2)">\'&';

  it('shows hostile names as they are', () => {
    const page = reportHtml({
      ...tableOf([hostile, [hostile, hostile], 'fail', 3]),
      title: hostile,
      policies: [{ name: hostile, revision: hostile }],
      advisories: { revision: hostile, updatedAt: hostile },
      columns: [0, 1, 2, 3].map((index) => ({ key: `c${index}`, title: hostile })),
      notes: [hostile],
      incomplete: [hostile],
    });
    expect(page).not.toMatch(/<script|<img|onerror="/i);
    expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThan(9);
    expect(page).toContain('&quot;alert(2)&quot;&gt;&#39;&amp;');
  });

  it('loads and runs nothing', () => {
    const page = reportHtml(tableOf(['a', 1]));
    expect(page).not.toMatch(/<script|<link|<iframe|<img|url\(|@import|https?:/i);
  });

  it('tells the hash of its style', () => {
    const style = /<style>([^<]*)<\/style>/.exec(reportHtml(tableOf(['a'])))?.[1] ?? '';
    expect(htmlStyleHash).toBe(`sha256-${createHash('sha256').update(style).digest('base64')}`);
  });

  it('says when, by what, and what is missing', () => {
    const page = reportHtml({ ...tableOf(['fail', 2]), incomplete: ['no advisories cover r/alpine'] });
    for (const text of [
      '2026-06-10T12:00:00.000Z',
      'baseline (0123456789abcdef)',
      'a1, oldest feed of 2026-06-09T00:00:00Z',
      'This report is not complete.',
      'no advisories cover r/alpine',
      '<td class="fail">fail</td>',
      '<td class="number">2</td>',
    ]) {
      expect(page).toContain(text);
    }
  });
});

describe('JSON', () => {
  it('names every cell by its column', async () => {
    const images = [{ digest: digest(1), images: ['r/a'], findings: [finding()] }];
    const json = reportJson(await makeReport('advisory', askOf({ images }, { advisory: 'CVE-2026-1' })));
    expect(json).toMatchObject({
      schemaVersion: 1,
      report: 'advisory',
      title: 'Who has CVE-2026-1',
      complete: true,
      total: 1,
      rows: [{ image: 'r/a', package: 'libssl3', fixedVersion: '3.0.2', exceptions: [] }],
    });
  });
});
