import { createHmac, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Answer, ask } from './client.ts';
import { clean, feeds, openStage, type Stage } from './stage.ts';

/** One image through everything that can happen to its verdict, by a clock that the test turns. */

const hour = 3_600_000;
const day = 24 * hour;
const secret = 'a shared secret';
const policy = `
version: 1
name: production
rules:
  - id: critical-with-fix
    title: Critical, and a fix exists
    action: deny
    grace: 7d
    when: { severity: { atLeast: critical, unknown: false }, fixAvailable: true }
    remedy: Update the package.
require:
  advisories: { maxAge: 52w }
`;

let stage: Stage;
let receiver: Server;
/** Messages as the receiver got them, signatures checked. */
const alerts: { readonly title: string; readonly kind: string }[] = [];
const start = Date.now();
let clock = start;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      response.writeHead(isSigned(request.headers, body) ? 204 : 401).end();
      if (isSigned(request.headers, body)) alerts.push(JSON.parse(body) as (typeof alerts)[number]);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => receiver.listen(port, '127.0.0.1', resolve));
  const secretFile = join(temporaryDirectory(), 'secret');
  writeFileSync(secretFile, secret);
  stage = await openStage({
    policy,
    turnedClock: true,
    config: {
      events: {
        receivers: [
          {
            name: 'hook',
            type: 'webhook',
            url: `http://127.0.0.1:${port}/`,
            secretFile,
            groupFor: '1s',
          },
        ],
      },
    },
  });
  stage.upstream.put('team/app', 'v1', clean);
}, 60_000);

afterAll(async () => {
  await stage?.close();
  receiver.closeAllConnections();
  receiver.close();
});

/** As docs/events.md tells receivers to verify it. */
function isSigned(headers: NodeJS.Dict<string | string[]>, body: string): boolean {
  const [, time, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['pratique-signature'])) ?? [];
  if (time === undefined || given === undefined) return false;
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest();
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

async function turnTo(at: number): Promise<void> {
  clock = at;
  await stage.pratique.turn(at - Date.now());
}

/** What a pull gets once it gets this status; the change has to come by itself, within seconds. */
async function pulled(status: number): Promise<Answer> {
  const patience = Date.now() + 20_000;
  for (;;) {
    const answer = await stage.get('team/app/manifests/v1');
    if (answer.status === status || Date.now() > patience) {
      expect(answer.status).toBe(status);
      return answer;
    }
    await sleep(100);
  }
}

interface Step {
  readonly from: string | null;
  readonly to: string;
  readonly cause: string;
}

/** The history of the image, as soon as its last step is this one. */
async function history(last: string): Promise<readonly Step[]> {
  const patience = Date.now() + 20_000;
  for (;;) {
    const { body } = await ask(stage.pratique.management, `/api/v1/history?digest=${clean.manifest.digest}`);
    const { changes } = JSON.parse(body.toString()) as { changes: Step[] };
    const steps = changes.map(({ from, to, cause }) => ({ from, to, cause }));
    if (steps.at(-1)?.to === last || Date.now() > patience) return steps;
    await sleep(100);
  }
}

async function alerted(kind: string, text: RegExp): Promise<void> {
  const patience = Date.now() + 20_000;
  const isThere = (): boolean => alerts.some((one) => one.kind === kind && text.test(JSON.stringify(one)));
  while (!isThere() && Date.now() < patience) await sleep(100);
  expect(alerts).toContainEqual(expect.objectContaining({ kind }));
  expect(isThere()).toBe(true);
}

describe('the life of a verdict', () => {
  it('begins with a vetting that passes, and the image is served', async () => {
    const answer = await stage.pull('team/app', 'v1');
    expect(answer.status).toBe(200);
    expect(await history('pass')).toEqual([{ from: null, to: 'pass', cause: 'first' }]);
  });

  it('an advisory arrives, and for its grace the image is served with a warning', async () => {
    await importFeeds(stage.dir, {
      ...feeds,
      Debian: [
        ...(feeds.Debian ?? []),
        osvRecord({
          id: 'DEBIAN-CVE-2026-7777',
          ecosystem: 'Debian:12',
          package: 'curl',
          fixed: '9',
          upstream: ['CVE-2026-7777'],
          cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          published: new Date(start - hour).toISOString(),
        }),
      ],
    });
    expect((await history('warn')).at(-1)).toEqual({ from: 'pass', to: 'warn', cause: 'advisories' });
    const answer = await pulled(200);
    expect(answer.headers.warning).toMatch(/CVE-2026-7777/);
    const verdict = await ask(stage.pratique.management, `/api/v1/verdicts/${clean.manifest.digest}`);
    const end = new Date(start - hour + 7 * day).toISOString();
    expect(JSON.parse(verdict.body.toString())).toMatchObject({
      verdict: { status: 'warn', next: { at: end, status: 'fail' } },
    });
  });

  it('the grace ends: it is refused from that moment on, and somebody is told', async () => {
    await turnTo(start - hour + 7 * day - 60_000);
    expect((await stage.get('team/app/manifests/v1')).status).toBe(200);
    await turnTo(start - hour + 7 * day + 1000);
    const answer = await pulled(403);
    expect(answer.body.toString()).toMatch(/CVE-2026-7777 critical in curl.*Update the package/);
    expect((await history('fail')).at(-1)).toEqual({ from: 'warn', to: 'fail', cause: 'time' });
    await alerted('verdict-changed', /CVE-2026-7777/);
    await alerted('pull-refused', /registry\.corp\/team\/app/);
  });

  it('an exception lets it through, visibly, while it lasts', async () => {
    const { code, out, err } = await runCli([
      ...['exception', 'add', '--advisory', 'CVE-2026-7777', '--package', 'curl'],
      ...[
        '--image',
        'registry.corp/team/app',
        '--reason',
        'Behind a firewall.',
        '--author',
        'sec@example.org',
      ],
      ...['--ticket', 'SEC-1', '--expires', new Date(clock + 2 * day).toISOString()],
      ...['--config', join(stage.dir, 'pratique.yaml')],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/ex-[0-9a-f]{12}/);
    await pulled(200);
    expect((await history('pass')).at(-1)).toEqual({ from: 'fail', to: 'pass', cause: 'exception' });
    const { body } = await ask(stage.pratique.management, `/api/v1/verdicts/${clean.manifest.digest}`);
    expect(JSON.parse(body.toString())).toMatchObject({
      verdict: {
        suppressed: [{ by: 'sec@example.org', reason: 'Behind a firewall.', ticket: 'SEC-1' }],
        next: { status: 'fail' },
      },
    });
  });

  it('the exception ends, and it is refused again', async () => {
    await turnTo(clock + 2 * day + 1000);
    const answer = await pulled(403);
    expect(answer.body.toString()).toMatch(/the exception of CVE-2026-7777 in curl by sec@example.org ended/);
    await sleep(1500);
    expect((await history('fail')).map(({ from, to, cause }) => `${from ?? ''}>${to} ${cause}`)).toEqual([
      '>pass first',
      'pass>warn advisories',
      'warn>fail time',
      'fail>pass exception',
      'pass>fail time',
    ]);
  });

  it('a clock that goes back opens nothing that was closed before, and closes nothing for ever', async () => {
    await turnTo(clock - 1 * day);
    await pulled(200);
    await turnTo(clock + 1 * day + 2000);
    await pulled(403);
  });

  it('is told by the change stream, which goes on where a reader stopped', async () => {
    const page = async (after: number, limit: number) => {
      const { body } = await ask(stage.pratique.management, `/api/v1/changes?after=${after}&limit=${limit}`);
      return JSON.parse(body.toString()) as { cursor: number; changes: { cursor: number; kind: string }[] };
    };
    const whole = await page(0, 100);
    let [cursor, read] = [0, [] as number[]];
    for (;;) {
      const next = await page(cursor, 2);
      if (next.changes.length === 0) break;
      read = [...read, ...next.changes.map((change) => change.cursor)];
      ({ cursor } = next);
    }
    expect(read).toEqual(whole.changes.map((change) => change.cursor));
    expect(whole.changes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['verdict', 'policy', 'advisories', 'exception']),
    );
  });

  it('and the log of exceptions has kept all of it', async () => {
    const at = ['--config', join(stage.dir, 'pratique.yaml')];
    const log = await runCli(['exception', 'log', ...at]);
    expect(log.out).toMatch(/granted.*sec@example\.org/);
    expect(log.out).toMatch(/ended/);
    expect((await runCli(['exception', 'log', '--verify', ...at])).code).toBe(0);
  });

  it('survives the end of the process', async () => {
    const before = await history('fail');
    await stage.restart('SIGKILL');
    await turnTo(clock);
    expect(await history('fail')).toEqual(before);
    await pulled(403);
  });
});
