import { describe, expect, it } from '@jest/globals';
import { statusAt } from './evaluate.ts';
import { finding, now, verdictOn } from './samples.ts';

const hour = 3_600_000;
const provenance = {
  scanner: { name: 'trivy', version: '0.74.0' },
  databaseAt: new Date(now - hour).toISOString(),
  scannedAt: new Date(now - hour).toISOString(),
  validUntil: new Date(now + hour).toISOString(),
};

describe("a verdict by another scanner's findings", () => {
  it('ends when these end, for whoever holds nothing but the verdict too', () => {
    const verdict = verdictOn({ provenance });
    expect(verdict).toMatchObject({ status: 'pass', validUntil: provenance.validUntil, next: null });
    expect([statusAt(verdict, now + hour - 1), statusAt(verdict, now + hour)]).toEqual(['pass', 'pending']);
  });

  it.each([
    ['nothing found', []],
    ['something found', [finding()]],
  ])('clears nothing once they have ended: %s', (_, findings) => {
    for (const at of [now + hour, now + 100 * hour]) {
      const verdict = verdictOn({ provenance, findings, at });
      expect(verdict).toMatchObject({
        status: 'error',
        validUntil: new Date(at).toISOString(),
        reasons: expect.arrayContaining([expect.stringMatching(/trivy has found counted until/)]),
      });
      expect(statusAt(verdict, at)).toBe('pending');
    }
  });
});
