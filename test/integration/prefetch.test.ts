import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildIndex, linuxAmd64, linuxArm64 } from '../support/images.ts';
import { bad, clean, debian, openStage, type Stage } from './stage.ts';

const moved = debian('curl', '7.88-1', 'moved', { layers: [{ files: [{ path: 'app', content: 'm' }] }] });
const both = buildIndex([
  debian('curl', '7.88-1', 'amd', { platform: linuxAmd64 }),
  debian('curl', '7.88-1', 'arm', { platform: linuxArm64 }),
]);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: { clean: { latest: clean }, bad: { latest: bad }, both: { '1': both } },
    config: {
      prefetch: [
        {
          images: ['corp/clean:latest', 'registry.corp/bad', 'corp/both:1', 'corp/nothing:1'],
          schedule: '* * * * * *',
          jitter: 'off',
        },
      ],
    },
  });
});
afterAll(() => stage.close());

interface Line {
  readonly msg?: string;
  readonly image?: string;
  readonly outcome?: string;
  readonly digest?: string;
  readonly reason?: string;
}

/** What the log has told of an image, in order. */
function told(image: string): readonly Line[] {
  return stage.pratique
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.image === `registry.corp/${image}` && line.outcome !== undefined);
}

async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!what()) {
    if (Date.now() > end) throw new Error(`it did not come to that:\n${stage.pratique.log()}`);
    await sleep(50);
  }
}

describe('a schedule', () => {
  it('has images fetched and vetted before anyone asks, with all platforms', async () => {
    await until(() => ['clean:latest', 'both:1', 'bad:latest'].every((image) => told(image).length > 0));
    expect(told('clean:latest')[0]).toMatchObject({ outcome: 'ready', digest: clean.manifest.digest });
    expect(told('both:1')[0]).toMatchObject({ outcome: 'ready', digest: both.manifest.digest });
    const away = stage.upstream.fault(/./, { reset: true });
    expect((await stage.pull('clean', 'latest')).status).toBe(200);
    expect((await stage.pull('both', '1')).status).toBe(200);
    away();
  });

  it('tells of what is refused, and of what is not there, once', async () => {
    await until(() => told('bad:latest').length > 0 && told('nothing:1').length > 0);
    let metrics = '';
    const counted = (outcome: string): number =>
      Number(new RegExp(`pratique_prefetch_total\\{outcome="${outcome}"[^}]*\\} (\\d+)`).exec(metrics)?.[1]);
    // Its turn comes again, and is counted, but not told.
    while (!(counted('refused') > 2)) {
      await sleep(100);
      metrics = await (await fetch(`${stage.pratique.management}/metrics`)).text();
    }
    const refused = told('bad:latest');
    expect(refused.map(({ outcome }) => outcome)).toEqual(['refused']);
    expect(refused[0]).toMatchObject({
      digest: bad.manifest.digest,
      reason: expect.stringContaining('CVE-2026-1001'),
    });
    expect(told('nothing:1')[0]).toMatchObject({ outcome: 'failed' });
    expect(counted('ready')).toBeGreaterThan(0);
    expect(counted('failed')).toBeGreaterThan(1);
    expect(counted('pending')).toBe(0);
  });

  it('follows a tag that moves', async () => {
    stage.upstream.put('clean', 'latest', moved);
    await until(() => told('clean:latest').some(({ digest }) => digest === moved.manifest.digest));
    const away = stage.upstream.fault(/./, { reset: true });
    const answer = await stage.get('clean/manifests/latest');
    expect([answer.status, answer.headers['docker-content-digest']]).toEqual([200, moved.manifest.digest]);
    expect((await stage.pull('clean', 'latest')).status).toBe(200);
    away();
  });
});

it('a schedule that is none stops the program at its start', async () => {
  await expect(
    stage.restart('SIGTERM', {
      config: { prefetch: [{ images: ['corp/clean'], schedule: 'now and then' }] },
    }),
  ).rejects.toThrow(/prefetch\[0\].schedule: found "now and then"/);
});
