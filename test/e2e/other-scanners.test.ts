import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStage, type Stage } from '../integration/stage.ts';
import { buildImage, debianRoot } from '../support/images.ts';
import { findProgram } from './support/programs.ts';

/** Old enough for every database to speak of it. */
const image = buildImage({
  layers: [{ files: debianRoot({ release: '11', packages: [{ name: 'openssl', version: '1.1.1k-1' }] }) }],
});

/** Neither comes from apt: where one is missing it is named, and nothing else fails. */
const there = (['trivy', 'grype'] as const).filter((name) => {
  if (findProgram(name) !== null) return true;
  process.stdout.write(`not run: ${name}\n`);
  return false;
});

describe.each(there.length === 0 ? ['none'] : there)(
  'an installation in which the real %s decides',
  (engine) => {
    let stage: Stage | null = null;

    beforeAll(async () => {
      if (engine === 'none') return;
      stage = await openStage({
        repositories: { app: { old: image } },
        feeds: null,
        config: { scanner: { engine, timeout: '5m' }, gate: { hold: '5m' } },
      });
    }, 60_000);
    afterAll(async () => {
      await stage?.close();
    });

    it('refuses an image with what has long been known, by a finding and not by a failure', async () => {
      if (stage === null) return;
      const { status, message } = await stage.get('app/manifests/old');
      expect([status, message]).toEqual([403, expect.stringMatching(/CVE-|no advisories cover|not known/)]);
      expect(message).not.toMatch(/cannot be (?:run|read)|ended with/);
    }, 400_000);
  },
);
