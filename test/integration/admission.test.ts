import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildIndex, linuxArm64 } from '../support/images.ts';
import { admit, bad, clean, debian, openStage, reviewOf, type Stage, warned } from './stage.ts';

const badArm = debian('openssl', '3.0.1-1', 'arm', { platform: linuxArm64 });
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: {
      'team/app': { clean, bad, warned, mixed: buildIndex([clean, badArm]) },
      'team/new': { latest: debian('curl', '7.88-1', 'never pulled') },
    },
  });
});
afterAll(() => stage.close());

/** Both spellings of a repository of the upstream. */
const names = (rest: string): string[] => [
  `registry.corp/${rest}`,
  `127.0.0.1:${stage.pratique.ports.registry}/corp/${rest}`,
];

describe('a Deployment', () => {
  it('is admitted with an allowed image, however it is named', async () => {
    for (const name of [...names('team/app:clean'), ...names(`team/app@${clean.manifest.digest}`)]) {
      expect([name, await admit(stage, name)]).toEqual([name, { allowed: true, message: '' }]);
    }
  });

  it('is denied with a refused one, with the reasons of the pull', async () => {
    const pulled = await stage.get('team/app/manifests/bad');
    const reason = /CVE-2026-1001.*openssl.*3\.0\.2-1/;
    expect(pulled.message).toMatch(reason);
    for (const name of [...names('team/app:bad'), ...names(`team/app@${bad.manifest.digest}`)]) {
      const { allowed, message } = await admit(stage, name);
      expect([name, allowed, message]).toEqual([name, false, expect.stringMatching(reason)]);
    }
  });

  it('is denied when one image of several is refused, and says in which container', async () => {
    const { allowed, message } = await admit(
      stage,
      'registry.corp/team/app:clean',
      'registry.corp/team/app:bad',
    );
    expect([allowed, message]).toEqual([false, expect.stringContaining('container "c1"')]);
  });

  it('is denied when the image is refused for one of the named platforms, though it is served', async () => {
    expect((await stage.get('team/app/manifests/mixed')).status).toBe(200);
    const { allowed, message } = await admit(stage, 'registry.corp/team/app:mixed');
    expect([allowed, message]).toEqual([false, expect.stringContaining('linux/arm64')]);
  });

  it('is admitted with a warning where the policy warns', async () => {
    const { body } = await stage.pratique.review(reviewOf('registry.corp/team/app:warned'));
    expect(body).toMatchObject({
      response: { uid: 'u-1', allowed: true, warnings: [expect.stringContaining('CVE-2026-1002')] },
    });
  });

  it('has an image vetted that nobody has pulled', async () => {
    stage.upstream.forgetRequests();
    expect(await admit(stage, 'registry.corp/team/new')).toEqual({ allowed: true, message: '' });
    expect(stage.upstream.count(/team\/new\/blobs/, 'GET')).toBe(2);
  });

  it.each([
    ['of a registry that is not known', 'registry.elsewhere/team/app:1', /registry\.elsewhere is not known/],
    ['that is not there', 'registry.corp/team/none:1', /has nothing there/],
    ['with no name', 'registry.corp/UPPER:1', /is not a repository name/],
  ])('is denied with an image %s', async (_what, image, reason) => {
    const { allowed, message } = await admit(stage, image);
    expect([allowed, message]).toEqual([false, expect.stringMatching(reason)]);
  });
});

describe('what is no review', () => {
  it.each([
    ['without a request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }, /request/],
    ['of another version', { ...reviewOf('a'), apiVersion: 'admission.k8s.io/v1beta1' }, /apiVersion/],
    ['that is not JSON', '{"apiVersion":', /not JSON/],
    ['that is a list', [], /AdmissionReview/],
  ])('%s gets 400 and is told what is wrong', async (_what, body, reason) => {
    expect(await stage.pratique.review(body)).toEqual({ status: 400, body: expect.stringMatching(reason) });
  });
});

/** Last: the upstream does not come back. */
describe('when the upstream is away', () => {
  it('what is known is still answered, a tag by what it meant last, and what is not known is denied with the reason', async () => {
    await stage.upstream.close();
    expect((await admit(stage, `registry.corp/team/app@${clean.manifest.digest}`)).allowed).toBe(true);
    expect((await admit(stage, 'registry.corp/team/app:clean')).allowed).toBe(true);
    expect((await admit(stage, 'registry.corp/team/app:bad')).allowed).toBe(false);
    const denied = await admit(stage, 'registry.corp/team/app:never-asked-for');
    expect(denied).toEqual({ allowed: false, message: expect.stringContaining('could not be reached') });
  });
});
