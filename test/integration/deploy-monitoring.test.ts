import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../support/free-port.ts';
import { cli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';
import { openStage, type Stage } from './stage.ts';

/** What watches a running Pratique asks for nothing that it does not tell. */

const alerts = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['critical', 'warning']) }),
            annotations: z.object({ summary: z.string(), description: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readFileSync('deploy/monitoring/alerts.yaml', 'utf8')))
  .groups.flatMap(({ rules }) => rules);
const panels = z
  .object({
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        targets: z.array(z.object({ expr: z.string() })).optional(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('deploy/monitoring/dashboard.json', 'utf8'))).panels;

const asked = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Metrics of ours, and of the process, that an expression names, without what a histogram adds. */
const namesIn = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:pratique|process)_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(?:bucket|sum|count)$/, ''),
  );

/** What is told at an address, with the labels that it has there now. */
async function toldAt(management: string): Promise<readonly string[]> {
  const text = await (await fetch(`${management}/metrics`)).text();
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
}

/** A webhook on its own feet, with neither its proxy nor its cluster in reach: it tells of both all the same. */
async function startWebhook(dir: string): Promise<{ readonly management: string; stop(): Promise<void> }> {
  const management = await freePort();
  writeFileSync(join(dir, 'ca.crt'), selfSignedCertificate().cert);
  writeFileSync(
    join(dir, 'kubeconfig'),
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c', users: [{ name: 'c', user: {} }] },
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    }),
  );
  const config = {
    data: join(dir, 'data'),
    listen: { management: `127.0.0.1:${management}`, webhook: `127.0.0.1:${await freePort()}` },
    webhook: {
      proxy: { url: 'https://127.0.0.1:1', ca: join(dir, 'ca.crt'), tokenEnv: 'TOKEN' },
      running: { kubeconfig: join(dir, 'kubeconfig') },
    },
  };
  writeFileSync(join(dir, 'webhook.yaml'), JSON.stringify(config));
  const args = [cli, 'serve', '--roles', 'webhook', '--config', join(dir, 'webhook.yaml')];
  const child = spawn(process.execPath, args, { env: { TOKEN: 'x'.repeat(40) }, stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const url = `http://127.0.0.1:${management}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  for (let left = 200; left > 0 && child.exitCode === null; left -= 1) {
    if (await isUp(url)) return { management: url, stop };
    await sleep(100);
  }
  await stop();
  throw new Error('the webhook did not come up');
}

/** What runs is looked after last. */
async function isUp(url: string): Promise<boolean> {
  try {
    return (await toldAt(url)).includes('pratique_running_leader');
  } catch {
    return false;
  }
}

let stage: Stage;
let webhook: Awaited<ReturnType<typeof startWebhook>>;
const told = new Set<string>();
beforeAll(async () => {
  stage = await openStage({ repositories: {} });
  webhook = await startWebhook(temporaryDirectory());
  for (const { management } of [stage.pratique, webhook]) {
    for (const name of await toldAt(management)) told.add(name);
  }
}, 60_000);
afterAll(async () => {
  await webhook?.stop();
  await stage?.close();
});

describe('alerts and dashboard', () => {
  it.each(asked)('%s asks for what the program tells: %s', (_where, expr) => {
    expect(namesIn(expr).filter((name) => !told.has(name))).toEqual([]);
  });

  it('has alerts with names of their own, and a sentence that says what to do', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(names).toEqual([...new Set(names)]);
    for (const { annotations } of alerts) expect(annotations.description).toMatch(/\.$/);
  });

  it('has panels that do not lie upon each other', () => {
    const ids = panels.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect({ title, free: !taken.has(`${x},${y}`) }).toEqual({ title, free: true });
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});

const promtool = process.env.PRATIQUE_PROMTOOL ?? '';
if (promtool === '') process.stdout.write('not run: promtool (PRATIQUE_PROMTOOL is not set)\n');
(promtool === '' ? describe.skip : describe)('promtool', () => {
  it('takes the alerts', () => {
    const said = execFileSync(promtool, ['check', 'rules', 'deploy/monitoring/alerts.yaml'], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/SUCCESS/);
  });
});
