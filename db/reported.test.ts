import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { Reported } from '../core/ports/reported.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openState, type StateFile } from './state.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;
const reported = (scanner: string): Reported => ({
  scanner,
  analyzers: 'x',
  looked: { system: null, types: ['npm'] },
  match: {
    findings: [],
    coverage: [],
    advisories: { revision: 'r1', updatedAt: null },
    endOfLife: null,
    provenance: {
      scanner: { name: 'trivy', version: '1' },
      databaseAt: null,
      scannedAt: '2026-06-01T00:00:00.000Z',
      validUntil: '2026-06-02T00:00:00.000Z',
    },
  },
  address: { upstream: 'corp', namespace: 'registry.corp', path: 'app' },
});

describe('what another scanner has said', () => {
  let state: StateFile;
  beforeEach(() => {
    state = openState(join(temporaryDirectory(), 'state.db'));
  });
  afterEach(() => state.close());

  it('is kept, and is what is found in the image', () => {
    expect(state.getReported(digest)).toBeNull();
    state.putReported(digest, reported('trivy'));
    expect(state.getReported(digest)).toEqual(reported('trivy'));
    expect(state.getMatch(digest, 'r1')).toEqual(reported('trivy').match);
    expect(state.getMatch(digest, null)).toEqual(reported('trivy').match);
    expect(state.getMatch(digest, 'r2')).toBeNull();
  });

  it('is replaced by what is said later, and forgotten where another one decides', () => {
    state.putReported(digest, reported('trivy'));
    state.putReported(digest, reported('grype'));
    state.keepReported('grype');
    expect(state.getReported(digest)?.scanner).toBe('grype');
    state.keepReported(null);
    expect(state.getReported(digest)).toBeNull();
  });
});
