import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { type BuiltImage, sha256 } from '../support/images.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { attached, attestation, makeSigner, openVexDocument, type Signer } from '../support/vex.ts';
import { type Answer, ask } from './client.ts';
import { createPusher } from './pusher.ts';
import { clean, debian, openStage, type Stage } from './stage.ts';

/** An image that is refused, and everybody who says that it does no harm. */

const hour = 3_600_000;
const vendor = makeSigner();
const stranger = makeSigner();
const vulnerability = 'CVE-2026-1001';
const product = 'pkg:deb/debian/openssl';

const policy = (vex: string) => `
version: 1
name: production
rules:
  - id: critical
    action: deny
    when: { severity: { atLeast: critical, unknown: true } }
require:
  advisories: { maxAge: 52w }
${vex}
`;
const believing = policy(`
vex:
  referrers: true
  keys: [{ name: vendor, publicKey: vendor.pem }]
`);

let stage: Stage;
let ahead = 0;

beforeAll(async () => {
  stage = await openStage({ policy: policy(''), turnedClock: true });
  writeFileSync(join(stage.dir, 'vendor.pem'), vendor.publicKey);
}, 60_000);
afterAll(() => stage?.close());

const says = (
  subject: BuiltImage,
  signer: Signer | null,
  of: BuiltImage = subject,
  document = openVexDocument({ vulnerability, products: [product] }),
) => attached(attestation(document, of.manifest.digest, signer), subject);

/** What is asked for once it gets this status; a change has to come by itself, within seconds. */
async function gets(path: string, status: number): Promise<Answer> {
  const patience = Date.now() + 15_000;
  for (;;) {
    const answer = await stage.get(path);
    if (answer.status === status || Date.now() > patience) {
      expect([path, answer.status, answer.message]).toEqual([path, status, expect.anything()]);
      return answer;
    }
    await sleep(100);
  }
}

async function putPolicy(text: string): Promise<void> {
  const told = () =>
    stage.pratique.log().split('is in force').length +
    stage.pratique.log().split('recorded images were judged again').length;
  const before = told();
  writeFileSync(join(stage.dir, 'policy.yaml'), text);
  const patience = Date.now() + 15_000;
  while (told() === before && Date.now() < patience) await sleep(50);
}

async function nextHour(): Promise<void> {
  ahead += hour + 1000;
  await stage.pratique.turn(ahead);
}

const config = () => ['--config', join(stage.dir, 'pratique.yaml')];
const verdict = (image: BuiltImage, ...more: string[]) =>
  runCli(['verdict', image.manifest.digest, ...config(), ...more]);

async function history(digest: Digest): Promise<readonly string[]> {
  const { body } = await ask(stage.pratique.management, `/api/v1/history?digest=${digest}`);
  const { changes } = JSON.parse(body.toString()) as { changes: { to: string; cause: string }[] };
  return changes.map(({ to, cause }) => `${to} ${cause}`);
}

describe('what is attached to an image', () => {
  it('is not even asked for where no policy believes it', async () => {
    const image = debian('openssl', '3.0.1-1', 'nobody asks');
    stage.upstream.put('team/quiet', 'v1', image);
    stage.upstream.put('team/quiet', null, says(image, vendor));
    await gets('team/quiet/manifests/v1', 403);
    expect(stage.upstream.count(/referrers|\.att$/)).toBe(0);
    await putPolicy(believing);
    // The same image, by the same records, once a policy believes its author.
    await gets('team/quiet/manifests/v1', 200);
    // Whoever judges again before anything was looked for tells a policy that changes nothing yet.
    expect((await history(image.manifest.digest)).at(-1)).toMatch(/^pass (?:policy|vex)$/);
  });

  it.each<[string, (image: BuiltImage) => BuiltImage, string]>([
    ['that nobody has signed', (image) => says(image, null), 'it is not signed'],
    [
      'that a stranger has signed',
      (image) => says(image, stranger),
      'none of the keys that the policy names has signed it',
    ],
    [
      'that is signed, and about another image',
      (image) => says(image, vendor, clean),
      'what the key vendor has signed is about another image',
    ],
  ])('silences nothing %s', async (what, made, told) => {
    const image = debian('openssl', '3.0.1-1', what);
    stage.upstream.put('team/refused', what.replaceAll(/\W/g, '-'), image);
    stage.upstream.put('team/refused', null, made(image));
    await gets(`team/refused/manifests/${image.manifest.digest}`, 403);
    const { code, out } = await verdict(image);
    expect(code).toBe(1);
    expect(out).toContain('CVE-2026-1001');
    expect(out).toContain(`vex not taken: registry.corp/team/refused@`);
    expect(out).toContain(told);
  });

  it('counts where a key that the policy names has signed it, and is shown with who says so and why', async () => {
    const image = debian('openssl', '3.0.1-1', 'signed');
    stage.upstream.put('team/signed', 'v1', image);
    stage.upstream.put('team/signed', null, says(image, stranger));
    stage.upstream.put('team/signed', null, says(image, vendor));
    await gets('team/signed/manifests/v1', 200);
    const { code, out } = await verdict(image);
    expect(code).toBe(0);
    expect(out).toContain(
      'silenced by VEX: CVE-2026-1001 in openssl: not_affected: vulnerable_code_not_in_execute_path (The Author, https://author.example/vex/1 in registry.corp/team/signed@sha256:',
    );
    const json = JSON.parse((await verdict(image, '--format', 'json')).out) as unknown;
    expect(json).toMatchObject({
      platforms: [
        {
          verdict: {
            suppressed: [
              {
                name: vulnerability,
                package: 'openssl',
                by: 'vex',
                expires: null,
                vex: [
                  {
                    author: 'The Author',
                    justification: 'vulnerable_code_not_in_execute_path',
                    document: 'https://author.example/vex/1',
                  },
                ],
              },
            ],
          },
          vex: { ignored: [{ why: 'none of the keys that the policy names has signed it' }] },
        },
      ],
    });
  });

  it('counts by the tag that cosign gives it, and by that of registries without a list of referrers', async () => {
    const [byTag, byIndex] = [
      debian('openssl', '3.0.1-1', 'by tag'),
      debian('openssl', '3.0.1-1', 'by index'),
    ];
    const tagOf = ({ manifest }: BuiltImage) => manifest.digest.replace(':', '-');
    const restore = stage.upstream.fault(/\/referrers\//, { status: 404 });
    stage.upstream.put('team/tagged', 'v1', byTag);
    stage.upstream.put(
      'team/tagged',
      `${tagOf(byTag)}.att`,
      attached(
        attestation(openVexDocument({ vulnerability, products: [product] }), byTag.manifest.digest, vendor),
        null,
      ),
    );
    stage.upstream.put('team/tagged', 'v2', byIndex);
    const artifact = says(byIndex, vendor);
    stage.upstream.put('team/tagged', null, artifact);
    const { mediaType, digest, bytes } = artifact.manifest;
    const list = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ mediaType, digest, size: bytes.length }],
    };
    stage.upstream.put('team/tagged', tagOf(byIndex), indexOf(list));
    await gets('team/tagged/manifests/v1', 200);
    await gets('team/tagged/manifests/v2', 200);
    restore();
  });

  it('is noticed an hour later, when it comes after the image, and when it goes', async () => {
    const image = debian('openssl', '3.0.1-1', 'later');
    stage.upstream.put('team/later', 'v1', image);
    await gets('team/later/manifests/v1', 403);
    const artifact = says(image, vendor);
    stage.upstream.put('team/later', null, artifact);
    await gets('team/later/manifests/v1', 403);
    await nextHour();
    await gets('team/later/manifests/v1', 200);
    stage.upstream.remove('team/later', artifact.manifest.digest);
    await nextHour();
    await gets('team/later/manifests/v1', 403);
    expect(await history(image.manifest.digest)).toEqual(['fail first', 'pass vex', 'fail vex']);
  });

  it('is overridden by what its author says later', async () => {
    const image = debian('openssl', '3.0.1-1', 'overridden');
    const later = openVexDocument({
      vulnerability,
      products: [product],
      status: 'affected',
      timestamp: '2026-02-01T00:00:00Z',
    });
    stage.upstream.put('team/overridden', 'v1', image);
    stage.upstream.put('team/overridden', null, says(image, vendor));
    stage.upstream.put('team/overridden', null, says(image, vendor, image, later));
    await gets('team/overridden/manifests/v1', 403);
  });

  it('that cannot be had silences nothing, and is told; what was found before stays', async () => {
    const image = debian('openssl', '3.0.1-1', 'away');
    stage.upstream.put('team/away', 'v1', image);
    stage.upstream.put('team/away', null, says(image, vendor));
    const restore = stage.upstream.fault(
      /team\/away\/(?:referrers|blobs)|\.att$/,
      { status: 500 },
      { method: 'GET', times: 2 },
    );
    await gets('team/away/manifests/v1', 403);
    expect((await verdict(image)).out).toMatch(/vex not taken: registry\.corp\/team\/away: .*answered 500/);
    restore();
    await nextHour();
    await gets('team/away/manifests/v1', 200);
    const again = stage.upstream.fault(/team\/away\/referrers|\.att$/, { status: 500 });
    await nextHour();
    await gets('team/away/manifests/v1', 200);
    await sleep(500);
    await gets('team/away/manifests/v1', 200);
    again();
  });

  it('is known after a restart, without asking, and counts no more once the policy names another key', async () => {
    const looks = () => stage.upstream.count(/team\/signed\/referrers/);
    const before = looks();
    await gets('team/signed/manifests/v1', 200);
    while (looks() === before) await sleep(50);
    await sleep(500);
    await stage.restart('SIGTERM', { policy: believing });
    await stage.pratique.turn(ahead);
    stage.upstream.forgetRequests();
    await gets('team/signed/manifests/v1', 200);
    expect(stage.upstream.count(/team\/signed\/referrers/)).toBe(0);
    writeFileSync(join(stage.dir, 'vendor.pem'), makeSigner().publicKey);
    await gets('team/signed/manifests/v1', 403);
    writeFileSync(join(stage.dir, 'vendor.pem'), vendor.publicKey);
    await gets('team/signed/manifests/v1', 200);
    expect(stage.upstream.count(/team\/signed\/referrers/)).toBe(0);
  });

  it('counts for pratique scan too', async () => {
    const target = `${stage.upstream.host}/team/signed:v1`;
    const { code, out } = await runCli(['scan', target, ...config()]);
    expect([code, out]).toEqual([0, expect.stringContaining('silenced by VEX')]);
    expect(out).toContain('vex not taken');
  });
});

describe('a document of the policy', () => {
  const file = () => join(stage.dir, 'vex.json');
  const naming = policy('vex: { files: [vex.json] }');

  it('silences while it stands there; one that is broken changes nothing', async () => {
    const image = debian('openssl', '3.0.1-1', 'by file');
    stage.upstream.put('team/file', 'v1', image);
    await putPolicy(policy(''));
    await gets('team/file/manifests/v1', 403);
    writeFileSync(
      file(),
      JSON.stringify(openVexDocument({ vulnerability, products: [`pkg:oci/app@${image.manifest.digest}`] })),
    );
    await putPolicy(naming);
    await gets('team/file/manifests/v1', 200);
    expect((await verdict(image)).out).toContain('https://author.example/vex/1 in vex.json');
    writeFileSync(file(), '<html>');
    await sleep(2500);
    await gets('team/file/manifests/v1', 200);
    expect(stage.pratique.log()).toContain('the policy is invalid');
    writeFileSync(
      file(),
      JSON.stringify(openVexDocument({ vulnerability, products: [`pkg:oci/app@${clean.manifest.digest}`] })),
    );
    await gets('team/file/manifests/v1', 403);
  });

  it('is believed by pratique scan --vex, which tells what of it was not taken', async () => {
    const target = `${stage.upstream.host}/team/file:v1`;
    const [good, odd] = [join(stage.dir, 'good.json'), join(stage.dir, 'odd.json')];
    writeFileSync(good, JSON.stringify(openVexDocument({ vulnerability, products: [product] })));
    writeFileSync(
      odd,
      JSON.stringify(openVexDocument({ vulnerability, products: [product], status: 'harmless' })),
    );
    const scan = (...files: string[]) =>
      runCli(['scan', target, ...config(), ...files.flatMap((one) => ['--vex', one])]);
    expect((await scan()).code).toBe(1);
    const believed = await scan(good, odd);
    expect([believed.code, believed.out]).toEqual([
      0,
      expect.stringContaining(`https://author.example/vex/1 in ${good}`),
    ]);
    expect(believed.out).toContain('vex not taken');
    expect((await scan(odd)).code).toBe(1);
    expect(await scan(join(stage.dir, 'policy.yaml'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is not JSON'),
    });
  });
});

describe('an image that lives in the proxy', () => {
  it('is served at once when VEX is attached by a push, and no more when that is deleted', async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    const dir = temporaryDirectory();
    writeFileSync(join(dir, 'vendor.pem'), vendor.publicKey);
    const own = await openStage({
      policy: believing.replace('vendor.pem', join(dir, 'vendor.pem')),
      config: { auth: { users } },
    });
    try {
      const ci = createPusher(
        () => own.pratique.registry,
        () => Promise.resolve(basicOf('ci')),
      );
      const image = debian('openssl', '3.0.1-1', 'hosted');
      const served = async (status: number): Promise<void> => {
        const patience = Date.now() + 10_000;
        let found = 0;
        while (found !== status && Date.now() < patience) {
          found = (await ask(own.pratique.registry, '/v2/hosted/team/app/manifests/v1')).status;
          await sleep(50);
        }
        expect(found).toBe(status);
      };
      expect((await ci.push('hosted/team/app', 'v1', image)).status).toBe(201);
      await served(403);
      expect((await ci.push('hosted/team/app', 'strange', says(image, stranger))).status).toBe(201);
      await sleep(500);
      await served(403);
      const artifact = says(image, vendor);
      expect((await ci.push('hosted/team/app', 'vex', artifact)).status).toBe(201);
      await served(200);
      const path = `/v2/hosted/team/app/manifests/${artifact.manifest.digest}`;
      expect((await ci.ask(path, { method: 'DELETE' })).status).toBe(202);
      await served(403);
    } finally {
      await own.close();
    }
  });
});

/** A list of referrers, as a tag leads to it. */
function indexOf(content: object) {
  const bytes = Buffer.from(JSON.stringify(content));
  return { kind: 'index', manifest: manifestOf(bytes), children: [], blobs: new Map() } as const;
}

function manifestOf(bytes: Buffer) {
  return { digest: sha256(bytes), mediaType: 'application/vnd.oci.image.index.v1+json', bytes };
}
