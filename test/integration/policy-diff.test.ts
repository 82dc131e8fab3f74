import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { updateAdvisories } from '../../app/commands/advisories-update.ts';
import { runCommandLine } from '../../app/commands/program.ts';
import type { Explanation } from '../../app/report/explain-report.ts';
import type { PolicyDiff } from '../../app/report/policy-diff-report.ts';
import { recordConsole } from '../support/console.ts';
import { writeOsvDirectory } from '../support/osv.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { realFeeds } from './real-inventories.ts';
import { cluster, type RecordedOne, recordRealImages } from './recorded-set.ts';

/** `policy diff` and `policy explain` over a recorded set of 220 images made from real inventories. */

const dir = temporaryDirectory();
const data = join(dir, 'data');
let images: readonly RecordedOne[] = [];

async function run(...argv: string[]) {
  const console = recordConsole();
  const code = await runCommandLine([...argv, '--data', data], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}
async function json<Shape>(...argv: string[]): Promise<Shape> {
  const { output, errors } = await run(...argv, '--format', 'json');
  expect(errors).toBe('');
  return JSON.parse(output) as Shape;
}
const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const named = (system: string, stack: string, step: number): RecordedOne => {
  const found = images.find((one) => one.system === system && one.stack === stack && one.step === step);
  if (found === undefined) throw new Error('no such image');
  return found;
};

const lax = file('lax.yaml', 'version: 1\nname: lax\nrules: []\n');
const perNamespace = file(
  'per-namespace.yaml',
  `version: 1
name: corp
policies: [lax.yaml]
beforeScan:
  - { id: no-edge, images: [docker.io/team/alpine-edge-*], action: refuse, reason: edge changes every day }
bindings:
  - { id: node, gates: [admission], clusters: [${cluster}], namespaces: [node], policy: baseline, mode: warn }
  - { id: labelled, gates: [admission], namespaceLabels: { tier: gold }, policy: strict }
  - { id: admission, gates: [admission], policy: baseline }
  - { id: pulls, policy: lax }
`,
);

beforeAll(async () => {
  const osv = join(dir, 'osv');
  await writeOsvDirectory(osv, realFeeds());
  const sources = { file: null, data, env: {} };
  await updateAdvisories({ from: osv, kev: null, sources }, recordConsole());
  images = recordRealImages(data, new Date().toISOString());
});

describe('policy diff over 220 images', () => {
  it('tells what a policy would change, what runs first, and the rule that makes it', async () => {
    const diff = await json<PolicyDiff>('policy', 'diff', lax, 'baseline', '--limit', '1000');
    expect(diff.counts).toMatchObject({ images: 220, running: 40, unknown: 0, newlyAllowed: 0 });
    expect(diff.counts.changed).toBe(diff.rows.length);
    expect(diff.counts.steps).toEqual([
      { step: 'pass -> fail', images: diff.counts.newlyRefused },
      { step: 'pass -> warn', images: diff.counts.changed - diff.counts.newlyRefused },
    ]);
    const runs = diff.rows.map(({ running }) => running.length > 0);
    expect(runs.indexOf(false)).toBe(diff.counts.changedRunning);
    expect(runs.lastIndexOf(true)).toBe(diff.counts.changedRunning - 1);
    // What has every update changes nowhere, and what has none is refused where it is known to be exploited.
    expect(diff.rows.some(({ name }) => name.endsWith(':10'))).toBe(false);
    expect(diff.rows[0]).toMatchObject({
      name: 'docker.io/team/almalinux-8-jquery:0',
      running: [`${cluster}/jquery/Deployment/almalinux-8-0`],
      from: { status: 'pass', allowed: true },
      to: { status: 'fail', allowed: false },
      rule: 'known-exploited',
      reason: expect.stringMatching(
        /^CVE-2020-11023 .*jquery 3\.3\.1 \(fixed in 3\.5\.0\).*: Known to be exploited$/,
      ),
    });
  });

  it('is the same backwards, and says what is said no more', async () => {
    const there = await json<PolicyDiff>('policy', 'diff', lax, 'baseline');
    const back = await json<PolicyDiff>('policy', 'diff', 'baseline', lax);
    expect(back.counts).toMatchObject({
      changed: there.counts.changed,
      newlyAllowed: there.counts.newlyRefused,
    });
    expect(back.rows.every(({ reason }) => reason.startsWith('no longer: '))).toBe(true);
  });

  it('is a table that ends with counts', async () => {
    const { code, output } = await run('policy', 'diff', lax, 'baseline', '--limit', '3');
    expect(code).toBe(0);
    const lines = output.split('\n');
    expect(lines[0]).toMatch(/^from lax \(\w{16}\) to baseline \(\w{16}\)$/);
    expect(lines[2]).toMatch(/^RUNS IN +IMAGE +CHANGE +RULE +WHY$/);
    expect(lines[3]).toMatch(
      /^eu-1\/jquery\/Deployment\/\S+ +docker\.io\/team\/\S+:0 +pass -> fail +known-exploited +CVE-2020-11023/,
    );
    expect(output).toMatch(/and \d+ more rows: --limit shows more/);
    expect(output).toMatch(
      /\d+ of 220 recorded images, of which 40 run: \d+ of those that run, \d+ images would be refused/,
    );
  });

  it('says so where nothing changes', async () => {
    const { code, output } = await run('policy', 'diff', 'current', 'baseline');
    expect(code).toBe(0);
    expect(output).toContain('nothing changes for 220 recorded images, of which 40 run');
  });

  it('looks at every place by the binding that holds there', async () => {
    const diff = await json<PolicyDiff>('policy', 'diff', lax, perNamespace, '--limit', '1000');
    const of = (one: RecordedOne) => diff.rows.filter(({ digest }) => digest === one.digest);
    // A binding before the one for labels fits: its mode warns.
    expect(of(named('almalinux-8', 'node', 0))).toMatchObject([
      { running: [`${cluster}/node/Deployment/almalinux-8-0`], to: { status: 'fail', allowed: true } },
    ]);
    // Elsewhere the labels of the namespace would have to be known; pulls are as before.
    expect(of(named('debian-12', 'plain', 10))).toMatchObject([
      {
        running: [`${cluster}/plain/Deployment/debian-12-10`],
        to: { status: 'pending', allowed: false },
        rule: null,
      },
    ]);
    expect(of(named('debian-12', 'plain', 5))).toEqual([]);
    expect(of(named('alpine-edge', 'plain', 5))).toMatchObject([
      { running: [], rule: 'no-edge', to: { status: 'fail' } },
    ]);
  });
});

describe('policy explain', () => {
  it('says which binding decides, why not the others, and which rules', async () => {
    const { name } = named('almalinux-8', 'jquery', 0);
    const asked = ['--policy', perNamespace, '--cluster', cluster, '--namespace', 'jquery'];
    const { code, output } = await run(
      'policy',
      'explain',
      name,
      ...asked,
      '--namespace-label',
      'tier=silver',
    );
    expect(code).toBe(0);
    expect(output).toContain(
      `${name}\nasked by gate admission, cluster ${cluster}, namespace jquery, labelled`,
    );
    expect(output).toMatch(
      / {2}does not {2}no-edge: .*\n {2}does not {2}node: .*\n {2}does not {2}labelled: .*\n {2}fits +admission: /,
    );
    expect(output).toContain('holds: binding admission, policy baseline, mode enforce');
    expect(output).toMatch(
      /sha256:[0-9a-f]{64}: fail, refused\n {2}binding admission: policy baseline says fail; fail/,
    );
    expect(output).toMatch(
      /deny +known-exploited: Known to be exploited \(\d findings\)\n +Update the package/,
    );
  });

  it('says what has to be known where it cannot be told', async () => {
    const { name } = named('almalinux-8', 'jquery', 0);
    const asked = ['--policy', perNamespace, '--cluster', cluster, '--namespace', 'jquery'];
    const { output } = await run('policy', 'explain', name, ...asked);
    expect(output).toMatch(/unknown {3}labelled: /);
    expect(output).toContain('which one holds cannot be told');
    expect(output).toContain('--namespace-label NAME=VALUE');
  });

  it.each<[system: string, stack: string, asker: readonly string[], expected: object]>([
    [
      'almalinux-8',
      'node',
      [],
      { selection: { kind: 'bound' }, platforms: [{ status: 'pass', allowed: true }] },
    ],
    [
      'almalinux-8',
      'node',
      ['--cluster', cluster, '--namespace', 'node'],
      { platforms: [{ status: 'fail', allowed: true, bindings: [{ binding: 'node', mode: 'warn' }] }] },
    ],
    [
      'alpine-edge',
      'plain',
      ['--user', 'ada'],
      {
        selection: { kind: 'refused', rule: { id: 'no-edge' } },
        platforms: [{ status: 'fail', bindings: [] }],
      },
    ],
    [
      'debian-12',
      'plain',
      ['--namespace', 'x', '--namespace-label', 'tier=gold'],
      { platforms: [{ bindings: [{ binding: 'labelled', policy: 'strict' }] }] },
    ],
  ])('of %s with %s to %j', async (system, stack, asker, expected) => {
    const { name } = named(system, stack, 0);
    expect(
      await json<Explanation>('policy', 'explain', name, '--policy', perNamespace, ...asker),
    ).toMatchObject(expected);
  });

  it('tells what is decided of an image that nobody has asked for', async () => {
    const { code, output } = await run('policy', 'explain', 'ghcr.io/none/here:1', '--policy', perNamespace);
    expect(code).toBe(0);
    expect(output).toContain('holds: binding pulls, policy lax, mode enforce');
    expect(output).toContain('Nothing is recorded of it');
  });
});

describe('an exception', () => {
  it('counts in verdict, diff and explain as soon as it is granted, and no more once it is revoked', async () => {
    const { name } = named('debian-12', 'jquery', 0);
    const image = name.slice(0, name.lastIndexOf(':'));
    expect((await run('verdict', name)).code).toBe(1);
    const expires = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const granted = await run(
      ...['exception', 'add', '--advisory', 'CVE-2020-11023', '--image', image, '--expires', expires],
      ...['--reason', 'pages are not rendered here', '--author', 'ada'],
    );
    const id = granted.output.slice(0, 15);
    expect((await run('verdict', name)).code).toBe(0);
    expect((await run('policy', 'explain', name)).output).toContain(
      `in jquery is let through by ${id} (pages are not rendered here; ada)`,
    );
    expect((await run('exception', 'revoke', id, '--by', 'bob', '--reason', 'they are')).code).toBe(0);
    expect((await run('verdict', name)).code).toBe(1);
  });
});
