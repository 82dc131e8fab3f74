import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { recordConsole } from '../../test/support/console.ts';
import {
  type FakeCluster,
  type FakeReply,
  type FakeRequest,
  startFakeCluster,
  status,
} from '../../test/support/fake-cluster.ts';
import { writeKubeconfig } from '../../test/support/kubeconfig.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import { runCommandLine } from './program.ts';
import { webhookEnforce } from './webhook-enforce.ts';
import { realWebhookTools } from './webhook-tools.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const validating = `${group}/validatingwebhookconfigurations/pratique`;
const mutating = `${group}/mutatingwebhookconfigurations/pratique`;
const { cert } = selfSignedCertificate();
const bundle = Buffer.from(cert).toString('base64');

let cluster: FakeCluster;
let kubeconfig = '';
/** What the webhook behind the API server says of images; null: it is away. */
let verdicts: ReadonlyMap<string, string> | null = new Map();
/** Whether the API server acts on a change of the configuration. */
let obeys = true;

interface Stored {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly webhooks: {
    failurePolicy: string;
    timeoutSeconds: number;
    clientConfig: { url?: string; caBundle?: string; service?: { path: string } };
    namespaceSelector: { matchExpressions: { values: string[] }[] };
  }[];
}
const stored = (path = validating) => cluster.get(path) as unknown as Stored | null;
const webhookOf = (path = validating) => stored(path)?.webhooks[0];
const away = (): void => {
  verdicts = null;
};
const pathOf = () => webhookOf()?.clientConfig.service?.path;

beforeAll(async () => {
  cluster = await startFakeCluster();
  kubeconfig = join(temporaryDirectory(), 'kubeconfig');
  writeKubeconfig(kubeconfig, cluster.server, 't');
});
afterAll(() => cluster.close());
beforeEach(() => {
  cluster.clear();
  [verdicts, obeys] = [new Map([['bad:1', 'CVE-1 critical in x']]), true];
  cluster.admit = answer;
  cluster.put('/api/v1/namespaces/web', { metadata: { name: 'web' } });
});

/** As the API server asks a webhook about a dry run of a template; other requests pass. */
function answer({ line, body }: FakeRequest): FakeReply | null {
  const webhook = webhookOf();
  if (!line.includes('/podtemplates?') || webhook === undefined) return null;
  const { template } = body as { template: { spec: { containers: { image: string }[] } } };
  const image = template.spec.containers[0]?.image ?? '';
  const enforces = webhook.failurePolicy === 'Fail' && obeys;
  const allowed: FakeReply = { status: 201, body: '{}' };
  if (verdicts === null || webhook.clientConfig.caBundle === undefined) {
    return enforces ? status(500, 'failed calling webhook "images.pratique.dev"') : allowed;
  }
  const why = image.startsWith('https:') ? `"${image}" is not an image reference` : verdicts.get(image);
  if (why === undefined) return { ...allowed, warnings: ['Pratique has judged this'] };
  const told = `container "probe": ${image}: ${why}`;
  return enforces
    ? status(400, `admission webhook "images.pratique.dev" denied the request: Blocked by Pratique: ${told}`)
    : { ...allowed, warnings: ['Pratique has judged this', `Pratique would refuse this: ${told}`] };
}

/** What `serve` does. */
function enterBundle(path = validating): void {
  const found = cluster.get(path) as unknown as Stored;
  for (const webhook of found.webhooks) webhook.clientConfig.caBundle = bundle;
}

function pod(namespace: string, name: string, image: string, phase = 'Running', labels: object = {}): void {
  cluster.put(`/api/v1/namespaces/${namespace}/pods/${name}`, {
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: 'c', image }] },
    status: { phase },
  });
}

async function run(...argv: readonly string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['webhook', ...argv, '--kubeconfig', kubeconfig], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}
const install = (...argv: readonly string[]) => run('install', '--timeout', '0', ...argv);
async function installed(...argv: readonly string[]): Promise<void> {
  expect((await install(...argv)).code).toBe(0);
  enterBundle();
}

describe('webhook install', () => {
  it('has everything let in at first, and never asks about its own namespace or the cluster’s', async () => {
    expect(await install('--exclude', 'monitoring')).toMatchObject({ code: 0, errors: '' });
    expect(pathOf()).toBe('/audit');
    expect(webhookOf()).toMatchObject({ failurePolicy: 'Ignore', timeoutSeconds: 5 });
    expect(webhookOf()?.namespaceSelector.matchExpressions[0]?.values).toEqual([
      'kube-system',
      'monitoring',
      'pratique',
    ]);
    expect(cluster.get(mutating)).toBeNull();
  });

  it('keeps an authority that was given by hand, whatever is changed afterwards', async () => {
    const file = join(temporaryDirectory(), 'ca.crt');
    writeFileSync(file, cert);
    await install('--ca', file);
    for (const change of [['install', '--timeout', '0'], ['enforce'], ['enforce', '--off']]) {
      cluster.requests.length = 0;
      expect((await run(...change)).code).toBe(0);
      // What an apply leaves out of what it owns goes (server-side apply).
      const applied = cluster.requests.filter(({ line }) => line.startsWith(`PATCH ${validating}`));
      expect(applied.map(({ body }) => (body as Stored).webhooks[0]?.clientConfig.caBundle)).toEqual([
        bundle,
      ]);
    }
  });

  it('says whether the API server reaches the webhook', async () => {
    await installed();
    const reached = await run('install', '--timeout', '5s');
    expect([reached.code, reached.output]).toEqual([0, expect.stringContaining('the webhook is reached')]);
    verdicts = null;
    const away = await run('install', '--timeout', '1s');
    expect([away.code, away.output]).toEqual([3, expect.stringContaining('is not reached yet')]);
  });

  it('may be run again: it keeps the mode, the namespaces, the place, and the authority that serve has entered', async () => {
    await installed('--exclude', 'monitoring');
    await run('enforce');
    expect((await run('install', '--timeout', '0')).output).toContain('looked after');
    expect([pathOf(), webhookOf()?.failurePolicy]).toEqual(['/validate', 'Fail']);
    expect(webhookOf()?.clientConfig.caBundle).toBe(bundle);
    expect(webhookOf()?.namespaceSelector.matchExpressions[0]?.values).toContain('monitoring');
  });

  it('prints what it would apply, and asks nobody', async () => {
    const { code, output } = await run('install', '--dry-run', '--service', 'other/hook:8443');
    expect(code).toBe(0);
    expect(cluster.requests).toEqual([]);
    const [only] = parseAllDocuments(output).map((document) => document.toJS() as Stored);
    expect(only?.webhooks[0]?.clientConfig.service).toEqual({
      ...{ namespace: 'other', name: 'hook', port: 8443, path: '/audit' },
    });
  });

  const wrong: readonly [what: string, argv: readonly string[], told: RegExp][] = [
    ['a service that is none', ['--service', 'a/b/c'], /--service: found "a\/b\/c", allowed/],
    ['an address without TLS', ['--url', 'http://x'], /--url: found "http:\/\/x", allowed https/],
    ['an address with a path', ['--url', 'https://x/validate'], /without a path/],
    ['both', ['--url', 'https://x', '--service', 'y'], /allowed one of them/],
    ['a namespace that is none', ['--exclude', 'A b'], /--exclude: found "A b"/],
    ['an authority that is no file', ['--ca', '/nowhere'], /--ca: "\/nowhere" cannot be used/],
    ['a time that is none', ['--timeout', 'soon'], /--timeout: found "soon"/],
    ['a context that is not there', ['--context', 'y'], /no cluster for its current context "y"/],
  ];
  it.each(wrong)('ends with 2 for %s', async (_what, argv, told) => {
    const { code, errors } = await run('install', ...argv);
    expect([code, errors]).toEqual([2, expect.stringMatching(told)]);
    expect(cluster.get(validating)).toBeNull();
  });

  it('says which right is missing', async () => {
    cluster.script = ['as it is', status(403, 'forbidden')];
    const { code, errors } = await install();
    expect(code).toBe(2);
    expect(errors).toContain(
      'its role needs the rule { apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], verbs: [get, create, patch] }',
    );
  });

  it('leaves to Helm what Helm has made', async () => {
    cluster.script = ['as it is', status(409, 'conflict with "helm": .webhooks')];
    const { code, errors } = await install();
    expect([code, errors]).toEqual([2, expect.stringContaining('--take-over')]);
    expect((await install('--take-over')).code).toBe(0);
    expect(cluster.requests.at(-2)?.line).toContain('force=true');
  });
});

describe('webhook status', () => {
  it('says where nothing is installed', async () => {
    const { code, output } = await run('status');
    expect([code, output]).toEqual([3, expect.stringContaining('run pratique webhook install')]);
  });

  it('tells what would be refused, what runs first, and what is not judged', async () => {
    await installed();
    pod('web', 'a', 'good:1');
    pod('web', 'b', 'bad:1', 'Pending');
    pod('shop', 'c', 'worse:1', 'Running', { 'pod-template-hash': 'x' });
    pod('shop', 'd', 'worse:1', 'Running', { 'pod-template-hash': 'y' });
    pod('shop', 'old', 'over:1', 'Succeeded');
    pod('kube-system', 'e', 'bad:2');
    cluster.put('/apis/batch/v1/namespaces/web/cronjobs/n', {
      metadata: { name: 'n', namespace: 'web' },
      spec: {
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', image: 'later:1' }] } } } },
      },
    });
    verdicts = new Map([
      ['bad:1', 'CVE-1 critical in x (fixed in 2)'],
      ['worse:1', 'CVE-2 high in y (fixed in 3)'],
      ['later:1', 'not yet: it is being inspected; try again'],
    ]);
    const { code, output } = await run('status');
    expect(code).toBe(1);
    expect(output).toContain('mode        audit: everything is let in');
    expect(output).toContain('reached     yes');
    expect(output).toContain('not judged  kube-system, pratique (1 image)');
    expect(output).toContain('3 of 4 images would be refused, 1 of them running');
    const rows = output.split('\n').filter((line) => /^\S+:1 /.test(line));
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual([
      ['worse:1', 'shop', '2'],
      ['bad:1', 'web', '0'],
      ['later:1', 'web', '0'],
    ]);
    expect(rows[1]).toContain('CVE-1 critical in x (fixed in 2)');
  });

  it('asks once for the Pods of one workload, and stores nothing', async () => {
    await installed();
    for (const name of ['a', 'b', 'c']) pod('web', name, 'good:1', 'Running', { 'pod-template-hash': name });
    expect((await run('status')).code).toBe(0);
    const asked = cluster.requests.filter(({ line }) => line.startsWith('POST'));
    expect(asked.map(({ line }) => line)).toEqual([
      'POST /api/v1/namespaces/default/podtemplates?dryRun=All',
      'POST /api/v1/namespaces/web/podtemplates?dryRun=All',
    ]);
  });

  it('does not take a webhook that is away for one that lets everything in', async () => {
    await installed();
    pod('web', 'a', 'good:1');
    verdicts = null;
    const { code, output } = await run('status');
    expect([code, output]).toEqual([3, expect.stringContaining('reached     no')]);
    expect(output).not.toContain('0 of 1');
  });

  it('says what stands in the way of enforcing', async () => {
    await install();
    const { output } = await run('status');
    expect(output).toContain('! ');
    expect(output).toContain('authority   none is entered');
  });

  it('is there for programs', async () => {
    await installed();
    pod('web', 'a', 'bad:1');
    const { code, output } = await run('status', '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      schemaVersion: 1,
      installed: { mode: 'audit', failurePolicy: 'Ignore', managedBy: 'pratique-cli' },
      reached: { reached: true },
      look: { images: 1, refusedImages: 1, refusedRunning: 1, refused: [{ image: 'bad:1', running: 1 }] },
    });
  });
});

describe('webhook enforce', () => {
  it('switches where nothing would be refused', async () => {
    await installed();
    pod('web', 'a', 'good:1');
    const { code, output } = await run('enforce');
    expect([code, output]).toEqual([0, expect.stringContaining('It enforces.')]);
    expect([pathOf(), webhookOf()?.failurePolicy, webhookOf()?.timeoutSeconds]).toEqual([
      '/validate',
      'Fail',
      15,
    ]);
    expect((await run('enforce')).output).toContain('it enforces already');
  });

  it('shows what would be refused, and goes on only when it is told to', async () => {
    await installed();
    pod('web', 'a', 'bad:1');
    const first = await run('enforce');
    expect([first.code, first.output]).toEqual([1, expect.stringContaining('Nothing was changed')]);
    expect(first.output).toContain('1 of 1 image would be refused, 1 of them running');
    expect(pathOf()).toBe('/audit');
    expect((await run('enforce', '--yes')).code).toBe(0);
    expect(pathOf()).toBe('/validate');
  });

  const refusals: readonly [what: string, spoil: () => void, told: string][] = [
    ['nothing is installed', () => cluster.remove(validating), 'run pratique webhook install first'],
    ['the API server does not reach it', away, 'does not reach it'],
    [
      'no authority is entered',
      () => {
        delete webhookOf()?.clientConfig.caBundle;
      },
      'no authority is entered',
    ],
    [
      'kube-system would be judged',
      () => void webhookOf()?.namespaceSelector.matchExpressions[0]?.values.splice(0, 1),
      'the namespace kube-system is not excluded',
    ],
    [
      'somebody else has made it',
      () => void Object.assign(stored()?.metadata.labels ?? {}, { 'app.kubernetes.io/managed-by': 'Helm' }),
      'was made by Helm',
    ],
  ];
  it.each(refusals)('changes nothing where %s', async (_what, spoil, told) => {
    await installed();
    spoil();
    const { code, errors } = await run('enforce', '--yes');
    expect([code, errors]).toEqual([2, expect.stringContaining(told)]);
    expect(webhookOf()?.failurePolicy ?? 'Ignore').toBe('Ignore');
  });

  it('adds the mutating configuration where that was asked for, with the same authority, and takes it away again', async () => {
    await installed('--mutate');
    expect(cluster.get(mutating)).toBeNull();
    expect((await run('enforce')).code).toBe(0);
    expect(webhookOf(mutating)).toMatchObject({
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      clientConfig: { service: { name: 'pratique-webhook', path: '/mutate' }, caBundle: bundle },
    });
    expect((await run('enforce', '--off')).code).toBe(0);
    expect([pathOf(), cluster.get(mutating)]).toEqual(['/audit', null]);
  });

  it('takes it back where the webhook dies at that moment', async () => {
    await installed();
    cluster.admit = (request) => {
      if (request.line.startsWith(`PATCH ${validating}`)) away();
      return answer(request);
    };
    let now = Date.now();
    const tools = {
      ...realWebhookTools,
      now: () => now,
      sleep: (milliseconds: number) => {
        now += milliseconds;
        return Promise.resolve();
      },
    };
    const console = recordConsole();
    const flags = {
      ...{ kubeconfig, name: 'pratique', namespace: 'pratique' },
      timeout: '9s',
      format: 'table',
    } as const;
    expect(await webhookEnforce(flags, {}, console, tools)).toBe(3);
    expect(console.output()).toContain('It was taken back');
    expect([pathOf(), webhookOf()?.failurePolicy]).toEqual(['/audit', 'Ignore']);
  });
});

describe('webhook uninstall', () => {
  it('removes what was installed, also while the webhook is away, and can be run again', async () => {
    await installed('--mutate');
    await run('enforce');
    verdicts = null;
    const { code, output } = await run('uninstall');
    expect([code, output]).toEqual([0, expect.stringContaining('MutatingWebhookConfiguration "pratique"')]);
    expect([cluster.get(validating), cluster.get(mutating)]).toEqual([null, null]);
    expect((await run('uninstall')).output).toContain('nothing named "pratique" is installed');
  });

  it('leaves alone what somebody else has made', async () => {
    cluster.put(validating, { metadata: { name: 'pratique' }, webhooks: [] });
    const { code, errors } = await run('uninstall');
    expect([code, errors]).toEqual([2, expect.stringContaining('was not made by pratique webhook install')]);
    expect(cluster.get(validating)).not.toBeNull();
    expect((await run('uninstall', '--take-over')).code).toBe(0);
  });
});
