import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { type FakeCluster, startFakeCluster, status } from '../../test/support/fake-cluster.ts';
import { writeKubeconfig } from '../../test/support/kubeconfig.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { runCommandLine } from './program.ts';

const validating = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique';
const discovery = '/apis/argoproj.io/v1alpha1';
const rollouts = { name: 'rollouts', kind: 'Rollout', namespaced: true };

let cluster: FakeCluster;
let kubeconfig = '';
let config = '';

beforeAll(async () => {
  cluster = await startFakeCluster();
  const dir = temporaryDirectory();
  kubeconfig = join(dir, 'kubeconfig');
  writeKubeconfig(kubeconfig, cluster.server, 't');
  config = join(dir, 'pratique.yaml');
  const kind = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout', podTemplate: 'spec.template' };
  // What is not on this machine is not asked for.
  const upstreams = [
    { name: 'a', url: 'https://a', credentials: { username: 'u', passwordFile: '/nowhere' } },
  ];
  writeFileSync(config, JSON.stringify({ upstreams, webhook: { kinds: [kind] } }));
});
afterAll(() => cluster.close());
beforeEach(() => cluster.clear());

function has(...resources: readonly object[]): void {
  cluster.put(discovery, { metadata: { name: 'v1alpha1' }, resources });
}
async function install(...argv: readonly string[]) {
  const console = recordConsole();
  const all = ['webhook', 'install', '--timeout', '0', '--kubeconfig', kubeconfig, ...argv];
  const surroundings = { console, env: {}, stopped: () => Promise.resolve('test') };
  return {
    code: await runCommandLine(all, surroundings),
    output: console.output(),
    errors: console.errors(),
  };
}
function sent(): readonly string[] {
  const found = cluster.get(validating) as unknown as {
    webhooks: { rules: { resources: string[] }[] }[];
  } | null;
  return (found?.webhooks ?? []).flatMap(({ rules }) => rules.flatMap(({ resources }) => resources));
}

describe("webhook install with kinds of one's own", () => {
  it('sends them by the names that the cluster has for them, and goes on to without the file', async () => {
    has({ name: 'rollouts/status', kind: 'Rollout', namespaced: true }, rollouts);
    expect((await install('--config', config)).output).toContain('also judged: Rollout.argoproj.io');
    expect(sent()).toContain('rollouts');
    expect(sent()).not.toContain('rollouts/status');
    const again = await install('--format', 'json');
    expect(JSON.parse(again.output)).toMatchObject({ kinds: ['Rollout.argoproj.io'] });
    expect(sent()).toContain('rollouts');
  });

  it('sends them no more where the file does not name them any more', async () => {
    has(rollouts);
    await install('--config', config);
    const none = join(temporaryDirectory(), 'pratique.yaml');
    writeFileSync(none, '{}');
    expect((await install('--config', none)).code).toBe(0);
    expect(sent()).not.toContain('rollouts');
  });

  const wrong: readonly [
    what: string,
    prepare: () => void,
    argv: readonly string[],
    code: number,
    told: RegExp,
  ][] = [
    [
      'a kind that the cluster does not have',
      () => has(),
      [],
      2,
      /found argoproj.io\/v1alpha1\/Rollout, which .* does not have/,
    ],
    [
      'a group that it does not have',
      () => undefined,
      [],
      2,
      /does not have: install its CustomResourceDefinition first/,
    ],
    [
      'a kind outside of namespaces',
      () => has({ ...rollouts, namespaced: false }),
      [],
      2,
      /lie in no namespace/,
    ],
    [
      'an answer that is none',
      () => cluster.put(discovery, { metadata: { name: 'x' } }),
      [],
      3,
      /cannot be read/,
    ],
    ['nobody who knows their names', () => has(rollouts), ['--dry-run'], 2, /--dry-run asks no cluster/],
    [
      'a right that is missing',
      () => {
        cluster.script = ['as it is', status(403, 'forbidden')];
      },
      [],
      2,
      /argoproj.io/,
    ],
  ];
  it.each(wrong)('installs nothing for %s, and says so', async (_what, prepare, argv, expected, told) => {
    prepare();
    const { code, errors } = await install('--config', config, ...argv);
    expect([code, errors]).toEqual([expected, expect.stringMatching(told)]);
    expect(cluster.get(validating)).toBeNull();
  });
});
