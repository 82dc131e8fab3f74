import { describe, expect, it } from '@jest/globals';
import { answerTo } from './answers.ts';

const subject = 'docker.io/library/app:1';

describe('answerTo', () => {
  it('serves what passed, and says nothing', () => {
    expect(answerTo(subject, { status: 'pass', reasons: [] }, null)).toEqual({
      kind: 'serve',
      warning: null,
    });
  });
  it('serves what is allowed with findings, and names the worst', () => {
    expect(answerTo(subject, { status: 'warn', reasons: ['CVE-1 high in x'] }, null)).toEqual({
      kind: 'serve',
      warning: 'allowed with findings: CVE-1 high in x',
    });
  });
  it('refuses with subject, reasons and where to read more', () => {
    expect(
      answerTo(subject, { status: 'fail', reasons: ['CVE-1 critical in x 1 (fixed in 2)'] }, 'http://r'),
    ).toEqual({
      kind: 'refuse',
      message: `Blocked by Pratique: ${subject}: CVE-1 critical in x 1 (fixed in 2)`,
      phrase: 'Blocked by Pratique: CVE-1 critical in x 1 (fixed in 2)',
      report: 'http://r',
    });
  });
  it('keeps a message of a thousand findings readable, and says how many are left out', () => {
    const reasons = Array.from({ length: 1000 }, (_, index) => `CVE-${index} critical in package-${index}`);
    const answer = answerTo(subject, { status: 'fail', reasons }, null);
    expect(answer.kind === 'refuse' && answer.message).toMatch(/CVE-5 critical.*\(\+994 more\)/);
    expect(answer.kind === 'refuse' && answer.message.length).toBeLessThan(1300);
  });
  it('says "not yet" of what is pending, never more', () => {
    const answer = answerTo(subject, { status: 'pending', reasons: ['it is being inspected'] }, null);
    expect(answer.kind).toBe('not-yet');
  });
});
