import { describe, expect, it } from '@jest/globals';
import type { Mode } from '../core/context.ts';
import { allows, type VerdictStatus } from '../core/verdict.ts';
import { type Answerable, answerTo } from './answers.ts';

const subject = 'docker.io/library/app:1';

function said(status: VerdictStatus, reasons: readonly string[], mode: Mode = 'enforce'): Answerable {
  const ruled = { binding: 'b', policy: 'p', mode };
  return { status, allowed: allows(status) || mode !== 'enforce', ruled, reasons };
}

describe('answerTo', () => {
  it('serves what passed, and says nothing', () => {
    expect(answerTo(subject, said('pass', []), null)).toEqual({
      kind: 'serve',
      warning: null,
    });
  });
  it('serves what is allowed with findings, and names the worst', () => {
    expect(answerTo(subject, said('warn', ['CVE-1 high in x']), null)).toEqual({
      kind: 'serve',
      warning: 'allowed with findings: CVE-1 high in x',
    });
  });
  it('refuses with subject, reasons and where to read more', () => {
    expect(answerTo(subject, said('fail', ['CVE-1 critical in x 1 (fixed in 2)']), 'http://r')).toEqual({
      kind: 'refuse',
      message: `Blocked by Pratique: ${subject}: CVE-1 critical in x 1 (fixed in 2) (policy p, binding b)`,
      phrase: 'Blocked by Pratique: CVE-1 critical in x 1 (fixed in 2)',
      report: 'http://r',
    });
  });
  it('keeps a message of a thousand findings readable, and says how many are left out', () => {
    const reasons = Array.from({ length: 1000 }, (_, index) => `CVE-${index} critical in package-${index}`);
    const answer = answerTo(subject, said('fail', reasons), null);
    expect(answer.kind === 'refuse' && answer.message).toMatch(/CVE-5 critical.*\(\+994 more\)/);
    expect(answer.kind === 'refuse' && answer.message.length).toBeLessThan(1300);
  });
  it('says "not yet" of what is pending, never more', () => {
    const answer = answerTo(subject, said('pending', ['it is being inspected']), null);
    expect(answer.kind).toBe('not-yet');
  });
  it.each<readonly [VerdictStatus, Mode, string | null]>([
    ['fail', 'warn', 'allowed though fail, binding b: a reason'],
    ['error', 'warn', 'allowed though error, binding b: a reason'],
    ['pending', 'warn', 'allowed though pending, binding b: a reason'],
    ['fail', 'audit', null],
    ['warn', 'audit', 'allowed with findings: a reason'],
  ])('serves what is %s in mode %s', (status, mode, warning) => {
    expect(answerTo(subject, said(status, ['a reason'], mode), null)).toEqual({ kind: 'serve', warning });
  });
  it('never serves what is not allowed, whatever is said of it', () => {
    const answer = answerTo(subject, { ...said('pass', []), allowed: false }, null);
    expect(answer.kind).toBe('not-yet');
  });
});
