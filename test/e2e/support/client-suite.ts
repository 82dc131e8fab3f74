import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bad,
  clean,
  debian,
  laterFeeds,
  noise,
  openStage,
  type Stage,
  warned,
} from '../../integration/stage.ts';
import { importFeeds } from '../../support/pratique.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { writeUsers } from '../../support/users.ts';
import { layOut, type Place, type RegistryClient } from './clients/client.ts';
import type { Ended } from './run.ts';

/** The upstream behind the proxy. */
export const upstream = { name: 'corp', namespace: 'registry.corp' } as const;

/** What a person sees of it, from standard output and standard error. */
export interface Sayings {
  readonly refused: RegExp;
  /** The same when an earlier pull left the content on the node. */
  readonly turned: RegExp;
  /** Nobody could say yet, for longer than the client comes back. */
  readonly notYet: RegExp;
  readonly pushRefused: RegExp;
  readonly notAllowed: RegExp;
  readonly loggedOut: RegExp;
}

export interface ClientCase {
  readonly title: string;
  readonly available: boolean;
  readonly start: (place: Place) => Promise<RegistryClient> | RegistryClient;
  readonly says: Sayings;
  /** Left out where it only pulls. */
  readonly pushes?: false;
}

/** Milliseconds that the slow image's layer takes, and the impossible one's. */
const slow = 2500;
const tooSlow = 120_000;

const slowly = (note: string) =>
  debian('curl', '7.88-1', note, { layers: [{ files: [{ path: 'big', content: noise(20_000) }] }] });
const images = {
  clean,
  bad,
  warned,
  held: slowly('held'),
  late: slowly('late'),
  // Of no package that gets an advisory later.
  push: debian('bash', '5.2-1', 'push'),
};
const access = [
  { users: ['anonymous', '*'], repositories: ['**'], actions: ['pull'] },
  { users: ['alice'], repositories: ['hosted/**', 'corp/**'], actions: ['push', 'delete'] },
];
const alice = 'alice:pw-alice';
const bob = 'bob:pw-bob';

/** What every client has to show: what it pulls, what it is refused, and what it says then. */
export function describeClient({ title, available, start, says, pushes }: ClientCase): void {
  (available ? describe : describe.skip)(title, () => {
    let stage: Stage;
    let client: RegistryClient;
    let late: Promise<Ended>;
    const itPushes = pushes === false ? it.skip : it;

    beforeAll(async () => {
      const dir = temporaryDirectory();
      stage = await openStage({
        repositories: Object.fromEntries(
          Object.entries(images).map(([name, image]) => [`team/${name}`, { '1': image }]),
        ),
        push: 'gate',
        config: {
          gate: { hold: '1s', dockerHold: '6s' },
          auth: { users: writeUsers(dir, ['alice', 'bob']), access },
        },
      });
      const layer = (name: 'held' | 'late'): string =>
        `/v2/team/${name}/blobs/${images[name].layers[0]?.digest ?? ''}`;
      stage.upstream.fault(layer('held'), { delay: slow });
      stage.upstream.fault(layer('late'), { delay: tooSlow });
      client = await start({
        dir: join(dir, 'client'),
        port: stage.pratique.ports.registry,
        images: await layOut(join(dir, 'images'), images),
      });
      // It takes its time, and needs nobody: begun first, looked at last.
      late = client.pull('corp/team/late:1', says.notYet);
    });
    afterAll(async () => {
      await client?.stop();
      await stage?.close();
    });

    it('pulls what is cleared', async () => {
      expectDone(await client.pull('corp/team/clean:1'));
      expect(await client.holds('corp/team/clean:1')).toBe(true);
    });

    it('is refused what is not, is told why and what to do, and keeps nothing', async () => {
      expectRefused(await client.pull('corp/team/bad:1'), says.refused);
      expect(await client.holds('corp/team/bad:1')).toBe(false);
    });

    it('waits until an image is inspected, in one pull', async () => {
      const began = performance.now();
      expectDone(await client.pull('corp/team/held:1'));
      expect(performance.now() - began).toBeGreaterThan(slow - 200);
    });

    it('pulls what has findings that only warn, and shows nothing of the warning', async () => {
      const pulled = await client.pull('corp/team/warned:1');
      expectDone(pulled);
      expect((await stage.head('team/warned/manifests/1')).headers.warning).toMatch(/^299 .*CVE-2026-1002/);
      expect(saidIn(pulled)).not.toMatch(/CVE-2026-1002/);
    });

    itPushes('pushes with a login, and pulls it back', async () => {
      const image = 'hosted/team/app:1';
      expectDone(await client.push('push', image, alice));
      expectDone(await client.pull(image));
    });

    itPushes('pushes a refused image, and is refused it at the pull', async () => {
      const image = 'hosted/team/bad:1';
      expectDone(await client.push('bad', image, alice));
      expectRefused(await client.pull(image), says.refused);
    });

    itPushes('is told why a push through to the upstream is refused', async () => {
      expectDone(await client.push('push', 'corp/pushed/app:1', alice));
      expectRefused(await client.push('bad', 'corp/pushed/bad:1', alice), says.pushRefused);
      expect(stage.upstream.count('/v2/pushed/bad/manifests/1', 'PUT')).toBe(0);
    });

    itPushes('is told that a push needs a login, or more rights', async () => {
      expectRefused(await client.push('push', 'hosted/team/secret:1', bob), says.notAllowed);
      expectRefused(await client.push('push', 'hosted/team/secret:1'), says.loggedOut);
    });

    it('is told that an image is not cleared yet when that takes longer than it waits', async () => {
      expectRefused(await late, says.notYet);
      expect(await client.holds('corp/team/late:1')).toBe(false);
    });

    it('is refused what it holds already, once its verdict has turned', async () => {
      expect(await client.holds('corp/team/clean:1')).toBe(true);
      await importFeeds(stage.dir, laterFeeds);
      let pulled = await client.pull('corp/team/clean:1');
      for (const end = Date.now() + 20_000; pulled.code === 0 && Date.now() < end; ) {
        await sleep(200);
        pulled = await client.pull('corp/team/clean:1');
      }
      expect(pulled.code).not.toBe(0);
      // The verdict may have turned in the middle of that pull, where a client tells less: the next one starts refused.
      expectRefused(await client.pull('corp/team/clean:1'), says.turned);
    });
  });
}

const saidIn = ({ out, err }: Ended): string => `${out}${err}`;

/** What it said is in the failure. */
function expectDone(ended: Ended): void {
  expect([ended.code, ended.code === 0 ? '' : saidIn(ended)]).toEqual([0, '']);
}

function expectRefused(ended: Ended, saying: RegExp): void {
  expect([ended.code === 0, saidIn(ended)]).toEqual([false, expect.stringMatching(saying)]);
}
