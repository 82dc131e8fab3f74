import { describe, expect, it } from '@jest/globals';
import { everywhere } from '../core/exception.ts';
import { makeReport } from './make.ts';
import { askOf, digest, exception, finding, granted, pick, suppressed } from './samples.ts';

const later = { expires: '2026-12-31', endsAt: Date.parse('2027-01-01T00:00:00Z') };
const past = { expires: '2026-06-01', endsAt: Date.parse('2026-06-02T00:00:00Z') };
const long = { expires: '2026-01-01', endsAt: Date.parse('2026-01-02T00:00:00Z') };
const withExceptions = (...exceptions: ReturnType<typeof exception>[]) => ({
  policies: [{ name: 'baseline', revision: 'r', rules: [], exceptions }],
});

describe('the report on exceptions', () => {
  it('tells those that end first, then the others, then those that are over since a short while', async () => {
    const store = {
      granted: [
        granted({ id: 'ex-over', ...past }),
        granted({ id: 'ex-forgotten', ...long }),
        granted({ id: 'ex-later', ...later }),
        granted({
          id: 'ex-revoked',
          ...later,
          revoked: { at: '2026-06-05T00:00:00.000Z', by: 'bob', reason: 'wrong' },
        }),
        granted({ id: 'ex-soon', ticket: 'SEC-1' }),
      ],
    };
    const table = await makeReport('exceptions', askOf(store, {}, withExceptions(exception({ ...later }))));
    expect(pick(table, 'state', 'from', 'expires', 'ticket')).toEqual([
      ['ending', 'ex-soon', '2026-06-12', 'SEC-1'],
      ['in force', 'ex-later', '2026-12-31', null],
      ['in force', 'baseline', '2026-12-31', null],
      ['revoked', 'ex-revoked', '2026-12-31', null],
      ['ended', 'ex-over', '2026-06-01', null],
    ]);
  });

  it('counts what they let through, once for several policies', async () => {
    const one = suppressed({ exception: 'ex-1' });
    const images = [
      {
        digest: digest(1),
        verdicts: [{ suppressed: [one] }, { policy: 'strict', suppressed: [one] }],
        running: [{}],
      },
      {
        digest: digest(2),
        verdicts: [{ suppressed: [one, suppressed({ exception: 'ex-1', package: 'openssl' })] }],
      },
    ];
    const table = await makeReport('exceptions', askOf({ images, granted: [granted({ id: 'ex-1' })] }));
    expect(pick(table, 'findings', 'images', 'running')).toEqual([[3, 2, 1]]);
    expect(table.incomplete).toEqual([]);
  });

  it('tells exceptions of a file apart that differ by the advisory alone, by all names of the finding', async () => {
    const images = [
      {
        digest: digest(1),
        findings: [finding({ id: 'GHSA-1', aliases: ['CVE-2026-1'] })],
        verdicts: [{ suppressed: [suppressed({ id: 'CVE-2026-1' })] }],
      },
    ];
    const files = withExceptions(exception({ advisory: 'CVE-2026-2' }), exception({ advisory: 'GHSA-1' }));
    const table = await makeReport('exceptions', askOf({ images }, {}, files));
    expect(pick(table, 'advisory', 'findings')).toEqual([
      ['CVE-2026-2', 0],
      ['GHSA-1', 1],
    ]);
  });

  it('does not count what is decided elsewhere, and says what it cannot place', async () => {
    const scope = { ...everywhere, namespaces: ['shop'] };
    const images = [
      { digest: digest(1), verdicts: [{ suppressed: [suppressed({ exception: 'ex-gone' })] }] },
    ];
    const table = await makeReport('exceptions', askOf({ images, granted: [granted({ scope })] }));
    expect(pick(table, 'scope', 'findings')).toEqual([[['namespace shop'], null]]);
    expect(table.incomplete).toEqual([expect.stringContaining('1 findings are let through')]);
  });

  it('is not complete without the policies', async () => {
    const table = await makeReport('exceptions', askOf({}, {}, { problem: 'no such file' }));
    expect(table.incomplete).toEqual([expect.stringContaining('no such file')]);
  });
});
