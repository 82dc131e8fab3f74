import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { applyPatch, patchIn } from '../support/json-patch.ts';
import { openStage, type Stage } from './stage.ts';

/** Every line of reviews.txt, sent to the webhook over HTTPS. */

const folder = new URL('./testdata/', import.meta.url);
const files = readdirSync(folder).map((name) => name.replace(/\.json$/, ''));
const mebibyte = 1024 * 1024;

interface Row {
  readonly file: string;
  readonly mebibytes: number | null;
  readonly door: string;
  readonly answer: string;
  readonly judged: string;
  readonly says: string;
}

const rows: readonly Row[] = readFileSync(new URL('./reviews.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| file '))
  .map((line) => {
    const [named = '', door = '', answer = '', judged = '', says = ''] = line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim());
    const [file = '', size] = named.split(', ');
    return { file, mebibytes: size === undefined ? null : parseInt(size, 10), door, answer, judged, says };
  });

const answerSchema = z.strictObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  response: z.strictObject({
    uid: z.string(),
    allowed: z.boolean(),
    status: z
      .strictObject({
        status: z.literal('Failure'),
        message: z.string().max(2000),
        reason: z.literal('Forbidden'),
        code: z.literal(403),
      })
      .optional(),
    // Runes: the API server cuts longer ones where they are many.
    warnings: z.array(z.string().max(1000)).max(14).optional(),
    auditAnnotations: z
      .record(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), z.string())
      .optional(),
    patchType: z.literal('JSONPatch').optional(),
    patch: z.base64().optional(),
  }),
});
type Response = z.output<typeof answerSchema>['response'];
const operations = z.array(z.strictObject({ op: z.string(), path: z.string(), value: z.string() }));
const sent = z.looseObject({ request: z.looseObject({ uid: z.string(), object: z.unknown() }) });

const stages = new Map<string, Stage>();
beforeAll(async () => {
  const pods = { pin: true, templates: false, rewriteTo: null };
  stages.set('/validate', await openStage(pods));
  stages.set('/mutate templates', await openStage({ ...pods, templates: true }));
  stages.set('/mutate through the proxy', await openStage({ ...pods, rewriteTo: 'proxy.corp:5000' }));
});
afterAll(async () => {
  for (const stage of stages.values()) await stage.close();
});

function bodyOf(file: string, mebibytes: number | null): string {
  const text = readFileSync(new URL(`${file}.json`, folder), 'utf8');
  if (mebibytes === null) return text;
  const padding = 'x'.repeat(mebibytes * mebibyte);
  return text.replace('"metadata": {', `"metadata": { "annotations": { "padding": "${padding}" },`);
}

async function post(door: string, body: string) {
  const [path = ''] = door.split(' ');
  const stage = stages.get(door) ?? stages.get('/validate');
  if (stage === undefined) throw new Error('there is no stage');
  return stage.send(`${path}?timeout=1s`, body);
}

/** `@b` for `@sha256:bbb…` */
function short(text: string): string {
  return text.replace(/@sha256:([0-9a-f])\1{63}(?![0-9a-f])/g, '@$1');
}

/** The word behind the image, of each image: its status. */
function statuses({ auditAnnotations = {} }: Response): string {
  const said = Object.entries(auditAnnotations).filter(([key]) => key.startsWith('image-'));
  const found = said.flatMap(
    ([, text]) => / (pass|warn|fail|pending|error)(?: binding=|$)/.exec(text)?.[1] ?? '?',
  );
  return found.join(' ') || '-';
}

function toldOf({ status, warnings = [] }: Response): string {
  return short([...(status === undefined ? [] : [status.message]), ...warnings].join('\n'));
}

describe('reviews.txt', () => {
  it('has a line for every file of testdata, and a file for every line', () => {
    expect(files.length).toBeGreaterThanOrEqual(80);
    const named = new Set(rows.map(({ file }) => file));
    expect([...named].sort()).toEqual([...files].sort());
  });

  it.each(rows)(
    '$file at $door: $answer, $judged',
    async ({ file, mebibytes, door, answer, judged, says }) => {
      const body = bodyOf(file, mebibytes);
      const reply = await post(door, body);
      if (/^[0-9]/.test(answer)) {
        expect([String(reply.status), reply.text]).toEqual([answer, expect.stringContaining(says)]);
        return;
      }
      expect(reply.status).toBe(200);
      const { response } = answerSchema.parse(JSON.parse(reply.text));
      const { request } = sent.parse(JSON.parse(body));
      expect(response.uid).toBe(request.uid);
      expect(response.allowed).toBe(answer === 'allow');
      expect(response.status === undefined).toBe(response.allowed);
      if (door.startsWith('/mutate')) {
        await expectPatch(door, body, response, judged, says);
        return;
      }
      expect([response.patch, response.patchType]).toEqual([undefined, undefined]);
      expect(statuses(response)).toBe(judged);
      const told = toldOf(response);
      if (says === '-') expect(told).toBe('');
      for (const part of says === '-' ? [] : says.split(' … ')) expect(told).toContain(part);
    },
  );
});

/** The patch is what the table says, applies, changes images alone, and is the last one. */
async function expectPatch(
  door: string,
  body: string,
  response: Response,
  judged: string,
  says: string,
): Promise<void> {
  const patch = operations.parse(patchIn(response));
  const changes = patch
    .filter(({ op }) => op === 'replace')
    .map(({ path, value }) => `${path} ${short(value)}`);
  expect(String(changes.length || '-')).toBe(judged);
  if (changes.length === 0) {
    const told = toldOf(response);
    if (says === '-') expect(told).toBe('');
    else expect(told).toContain(says);
    return;
  }
  expect(changes.join('; ')).toBe(says);
  for (const { path } of patch) expect(path).toMatch(/\/image(\/reference)?$/);
  const review = sent.parse(JSON.parse(body));
  const object = applyPatch(review.request.object, patch);
  const again = await post(door, JSON.stringify({ ...review, request: { ...review.request, object } }));
  expect(answerSchema.parse(JSON.parse(again.text)).response.patch).toBeUndefined();
}
