import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { noCluster } from '../core/ports/sightings.ts';
import { podOf, startTestServer, type TestServer } from './samples.ts';

/** No cluster is configured. */
let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(async () => {
  await at.close();
});

it('is of no cluster where none is configured', async () => {
  await at.reviewed({ namespace: 'shop', object: podOf('reg.corp/app/good:1') });
  expect(at.admitted).toMatchObject([{ cluster: noCluster, namespace: 'shop' }]);
});

it('is told together for one image in one namespace, and by itself elsewhere', async () => {
  at.refused.length = 0;
  for (const namespace of ['shop', 'shop', 'bank'])
    await at.reviewed({ namespace, object: podOf('reg.corp/app/bad:1') });
  expect(at.refused).toMatchObject([{ subject: { cluster: null } }, {}, {}]);
  expect(new Set(at.refused.map(({ group }) => group)).size).toBe(2);
});
