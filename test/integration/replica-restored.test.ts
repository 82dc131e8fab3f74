import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type LoneWebhook, lonePorts, startLoneWebhook } from '../support/lone-webhook.ts';
import { type ProxyRelay, startProxyRelay } from '../support/proxy-relay.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, debian, openStage, type Reviewed, reviewOf, type Stage } from './stage.ts';

/** A proxy that was restored from a backup, and a webhook on its own feet that has read further. Two processes. */

/** Milliseconds until something that has to come counts as missing. */
const patience = 60_000;
const token = 'the-token-of-the-cluster-east-which-is-long-enough';
const late = debian('curl', '1', 'vetted after the backup');
const dir = temporaryDirectory();
let stage: Stage;
let relay: ProxyRelay;
let webhook: LoneWebhook;

beforeAll(async () => {
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  stage = await openStage({
    repositories: { 'team/app': { clean, bad, late } },
    config: { gates: { tokens: [{ cluster: 'east', tokenFile }] } },
  });
  await stage.get('team/app/manifests/clean');
  await stage.get('team/app/manifests/bad');
  relay = await startProxyRelay(stage.pratique.ports.gates, false);
  webhook = await startLoneWebhook({ dir, url: relay.url, ca: relay.ca, token, ports: await lonePorts() });
  await holds(2);
}, 120_000);
afterAll(async () => {
  await webhook.stop();
  await relay.stop();
  await stage.close();
});

/** Until so many verdicts are held, and as many images, which come by another stream, and nothing is wrong. */
async function holds(count: number): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(50)) {
    const { status, body } = await webhook.readyz();
    const { problems, held } = body.replica;
    if (status === 200 && problems.length === 0 && held.verdicts === count && held.images === count) return;
    if (Date.now() > end) throw new Error(`${JSON.stringify(body)}\n${webhook.log()}`);
  }
}

async function admit(image: string): Promise<Reviewed> {
  const { status, body } = await webhook.review(reviewOf(image), '/validate?timeout=3s');
  expect(status).toBe(200);
  const { response } = body as { response: { allowed: boolean; status?: { message: string } } };
  return { allowed: response.allowed, message: response.status?.message ?? '' };
}

/** What is known without anybody to be asked. */
async function alone(): Promise<readonly (readonly [string, boolean])[]> {
  relay.become({ kind: 'silent' });
  const said: (readonly [string, boolean])[] = [];
  for (const [name, { manifest }] of Object.entries({ clean, bad, late })) {
    said.push([name, (await admit(`registry.corp/team/app@${manifest.digest}`)).allowed]);
  }
  relay.become({ kind: 'none' });
  return said;
}

const sides = ['', '-wal', '-shm'];
function copyState(from: string, to: string): void {
  for (const side of sides) {
    rmSync(`${to}${side}`, { force: true });
    if (existsSync(`${from}${side}`)) copyFileSync(`${from}${side}`, `${to}${side}`);
  }
}

it('reads everything again, and what the restored proxy does not know is let in no longer', async () => {
  const state = join(stage.dir, 'data', 'state.db');
  const backup = join(dir, 'backup.db');
  await stage.pratique.stop();
  copyState(state, backup);
  await stage.restart();
  await stage.get('team/app/manifests/late');
  await holds(3);
  expect(await alone()).toEqual([
    ['clean', true],
    ['bad', false],
    ['late', true],
  ]);

  await stage.pratique.stop();
  copyState(backup, state);
  relay.seen.length = 0;
  await stage.restart();
  await holds(2);
  expect(webhook.log()).toContain('the records of the proxy are others by now: everything is read again');
  expect(await alone()).toEqual([
    ['clean', true],
    ['bad', false],
    ['late', false],
  ]);
  // What it does not know it is asked for, and inspects again.
  await holds(2);
  const tried = async (): Promise<boolean> =>
    (await admit(`registry.corp/team/app@${late.manifest.digest}`)).allowed;
  for (const end = Date.now() + patience; !(await tried()); await sleep(200))
    if (Date.now() > end) throw new Error(webhook.log());
}, 180_000);
