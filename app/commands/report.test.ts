import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import type { Finding } from '../../core/finding.ts';
import { debPackage, found as foundIn, inventory } from '../../db/samples.ts';
import { openState } from '../../db/state.ts';
import { digest, exception, finding, granted, outcome, suppressed, verdict } from '../../reports/samples.ts';
import { recordConsole } from '../../test/support/console.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { formatGood } from '../policy/good.ts';
import { runCommandLine } from './program.ts';

const data = temporaryDirectory();
const now = Date.now();
const ago = (days: number): string => new Date(now - days * 86_400_000).toISOString();
const hostile = finding({ package: '=cmd|calc', version: '<script>alert(1)</script>' });

async function report(...argv: string[]) {
  return reportIn(data, ...argv);
}

async function reportIn(folder: string, ...argv: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['report', ...argv, '--data', folder], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

beforeAll(() => {
  const records = openState(join(data, 'state.db'));
  const app = { upstream: 'docker.io', namespace: 'docker.io', path: 'library/app' };
  const record = (seed: number): Digest => {
    const made = digest(seed);
    records.putManifest(app, { digest: made, mediaType: 'm', bytes: new Uint8Array(), blobs: [] });
    return made;
  };
  const put = (
    seed: number,
    at: string,
    fields: Parameters<typeof verdict>[0],
    findings = [hostile],
  ): void => {
    const made = verdict({ ...fields, evaluatedAt: at }, findings);
    records.putVerdicts([{ digest: record(seed), verdict: made, cause: 'advisories' }], at);
  };
  const found = (seed: number, findings: readonly Finding[]): void => {
    const scannedAt = ago(30);
    records.putInventory(digest(seed), inventory({ packages: [debPackage(`package-${seed}`)] }), scannedAt);
    records.putMatch({ digest: digest(seed), scannedAt, found: foundIn('a1', [findings]) });
  };
  put(1, ago(20), { status: 'pass' }, []);
  put(1, ago(2), { status: 'fail', reasons: ['CVE-2026-1'], rules: [outcome()] });
  found(1, [hostile]);
  put(2, ago(20), { suppressed: [suppressed({ exception: 'ex-0123456789ab' })] });
  found(2, []);
  records.putSightings([
    {
      digest: digest(1),
      cluster: 'prod',
      namespace: 'shop',
      workload: 'Deployment/web',
      image: 'docker.io/library/app:1',
      team: 'red',
      lastAt: ago(1),
    },
  ]);
  const endsAt = now + 3 * 86_400_000;
  records.addException(granted({ ...exception(), id: 'ex-0123456789ab', endsAt }));
  records.close();
});

describe('pratique report', () => {
  it.each([
    [['images'], /fail +docker\.io\/library\/app +baseline/],
    [['namespaces'], /prod +shop +baseline +1 +1/],
    [['teams'], /red +baseline +1 +1/],
    [['controls'], /nist-800-190\/\S+ +(?:held|not assessed|failed)/],
    [['advisory', '--advisory', 'CVE-2026-1'], /1 of 2 images has CVE-2026-1/],
    [['fixable'], /=cmd\|calc +deb +3\.0\.2/],
    [['newly-bad'], /fail +docker\.io\/library\/app +baseline +pass/],
    [['exceptions'], /ending +2026-06-12 +CVE-2026-1/],
    [['history', '--policy', 'baseline'], /baseline +1 +0 +0 +1 +2 +50/],
  ])('%j', async (argv, line) => {
    const { code, output, errors } = await report(...argv);
    expect([errors, code]).toEqual(['', 0]);
    expect(output).toMatch(line);
  });

  it('writes JSON', async () => {
    const { output } = await report('newly-bad', '--format', 'json', '--since', ago(5).slice(0, 10));
    expect(JSON.parse(output)).toMatchObject({
      schemaVersion: 1,
      report: 'newly-bad',
      rows: [{ was: 'pass', status: 'fail', cause: 'advisories', runningIn: ['prod/shop/Deployment/web'] }],
    });
  });

  it('writes CSV that no spreadsheet calculates, and what is beside it to the other stream', async () => {
    const { output, errors } = await report('fixable', '--format', 'csv');
    expect(output).toMatch(/^'=cmd\|calc,deb,3\.0\.2,<script>alert\(1\)<\/script>,1,1,critical/m);
    expect(errors).toMatch(/running: let in by the admission webhook/);
  });

  it('writes a page that runs nothing', async () => {
    const { output } = await report('fixable', '--format', 'html');
    expect(output).toMatch(/^<!DOCTYPE html>/);
    expect(output).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(output).not.toContain('<script');
  });

  it('goes on without a policy that can be read, and says so', async () => {
    const config = join(data, 'config.yaml');
    writeFileSync(join(data, 'policy.yaml'), 'version: 1\nname: mine\nruls: []\n');
    writeFileSync(config, `policy: ${join(data, 'policy.yaml')}\n`);
    const images = await report('images', '--config', config);
    expect([images.code, images.output]).toEqual([
      0,
      expect.stringMatching(/policies cannot be read: .*ruls/),
    ]);
    const exceptions = await report('exceptions', '--config', config);
    expect([exceptions.code, exceptions.output]).toEqual([3, expect.stringMatching(/NOT COMPLETE: .*ruls/)]);
  });

  it('goes by the last good policy where a server has had one', async () => {
    const sources = { source: 'policy.yaml', texts: { '': 'version: 1\nname: kept\nrules: []\n' } };
    const records = openState(join(data, 'state.db'));
    records.putGoodPolicy(formatGood({ sources, revision: 'r', granted: [] }));
    records.close();
    const config = join(data, 'config.yaml');
    const { code, output } = await report('exceptions', '--config', config, '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      policies: [{ name: 'kept' }],
      complete: true,
      notes: expect.arrayContaining([expect.stringMatching(/the last good policy is in force.*ruls/s)]),
    });
  });

  it.each([
    [['nothing'], /"nothing" is not a report: there are images,/],
    [['images', '--since', '2026-02-30'], /"2026-02-30" is not a day/],
    [['newly-bad', '--since', 'yesterday'], /"yesterday" is not a day/],
    [['images', '--limit', '0'], /limit "0" is not a whole number from 1 to 10000/],
    [['images', '--policy', 'lenient'], /no policy is named "lenient"/],
    [['advisory', '--advisory', 'CVE 1'], /is not the name of an advisory/],
    [['advisory'], /needs an advisory/],
    [['images', '--format', 'pdf'], /pdf/],
  ])('%j is refused', async (argv, message) => {
    const { code, output, errors } = await report(...argv);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(message);
  });

  it('needs records', async () => {
    const { code, errors } = await reportIn(join(data, 'none'), 'images');
    expect(code).toBe(2);
    expect(errors).toMatch(/there are no records at/);
  });
});
