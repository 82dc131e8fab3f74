import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { writeLayout } from '../support/layout.ts';
import { writeOsvDirectory } from '../support/osv.ts';
import { cli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, feeds } from './stage.ts';

/** The templates for pipelines, run in a shell as their runners do, against images in a folder. */

const script = resolve('deploy/ci/pratique-scan.sh');
const action = z
  .object({
    inputs: z.record(
      z.string(),
      z.object({ required: z.boolean().optional(), default: z.string().optional() }),
    ),
    outputs: z.object({ 'exit-code': z.unknown() }),
    runs: z.object({
      using: z.literal('composite'),
      steps: z.array(
        z.object({
          id: z.string().optional(),
          uses: z.string().optional(),
          env: z.record(z.string(), z.string()).optional(),
          run: z.string().optional(),
        }),
      ),
    }),
  })
  .parse(parse(readFileSync('deploy/ci/github-action/action.yml', 'utf8')));
const gitlab = z
  .object({
    '.pratique-scan': z.object({
      script: z.array(z.string()),
      variables: z.record(z.string(), z.string()),
      artifacts: z.object({ when: z.literal('always'), reports: z.record(z.string(), z.string()) }),
    }),
  })
  .parse(parse(readFileSync('deploy/ci/gitlab/pratique.gitlab-ci.yml', 'utf8')))['.pratique-scan'];

const dir = temporaryDirectory();
const bin = join(dir, 'bin');
let jobs = 0;

interface Job {
  readonly code: number;
  readonly output: string;
  /** What it has left in its folder. */
  readonly read: (path: string) => string;
  readonly has: (path: string) => boolean;
}

/** A job of a pipeline in a folder of its own. */
function job(shell: string, text: string, env: Readonly<Record<string, string>>): Promise<Job> {
  jobs += 1;
  const cwd = join(dir, `job-${jobs}`);
  mkdirSync(cwd);
  const variables = {
    PATH: [bin, process.env.PATH ?? ''].join(delimiter),
    HOME: cwd,
    PRATIQUE_ADVISORIES: join(dir, 'osv'),
    ...env,
  };
  return new Promise((done) => {
    execFile(shell, ['-c', text], { cwd, env: variables }, (error, stdout, stderr) => {
      done({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
        output: stdout + stderr,
        read: (path) => readFileSync(join(cwd, path), 'utf8'),
        has: (path) => existsSync(join(cwd, path)),
      });
    });
  });
}

const target = (name: string): string => `oci:${join(dir, 'layout')}:${name}`;

beforeAll(async () => {
  await writeOsvDirectory(join(dir, 'osv'), feeds);
  await writeLayout(join(dir, 'layout'), { clean, bad });
  mkdirSync(bin);
  writeFileSync(join(bin, 'pratique'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(bin, 'pratique'), 0o755);
  symlinkSync(script, join(bin, 'pratique-scan'));
  writeFileSync(join(dir, 'lenient.yaml'), 'version: 1\nname: lenient\nrules: []\n');
});

describe('pratique-scan', () => {
  it.each([
    ['lets a clean image pass', { PRATIQUE_TARGET: target('clean') }, 0, /./],
    ['fails for what the baseline denies', { PRATIQUE_TARGET: target('bad') }, 1, /CVE-2026-1001/],
    [
      'only tells, where that is asked for',
      { PRATIQUE_TARGET: target('bad'), PRATIQUE_ONLY_TELL: 'true' },
      0,
      /The policy denies this image/,
    ],
    ['passes nothing that is not there', { PRATIQUE_TARGET: target('none') }, 3, /none/],
    ['asks for a target', {}, 2, /PRATIQUE_TARGET: found nothing/],
    [
      'does not go on without the policy that it was given',
      { PRATIQUE_TARGET: target('clean'), PRATIQUE_POLICY: 'https://127.0.0.1:1/policy.yaml' },
      2,
      /PRATIQUE_POLICY: https:\/\/127\.0\.0\.1:1\/policy\.yaml cannot be fetched/,
    ],
    [
      'takes no policy that is not there',
      { PRATIQUE_TARGET: target('clean'), PRATIQUE_POLICY: join(dir, 'missing.yaml') },
      2,
      /missing\.yaml/,
    ],
    [
      'does not pass without advisories, whatever is only told',
      {
        PRATIQUE_TARGET: target('clean'),
        PRATIQUE_ADVISORIES: join(dir, 'nowhere'),
        PRATIQUE_ONLY_TELL: 'true',
      },
      3,
      /no advisories/,
    ],
    [
      'knows its formats',
      { PRATIQUE_TARGET: target('clean'), PRATIQUE_FORMATS: 'html' },
      2,
      /PRATIQUE_FORMATS: found "html"/,
    ],
  ])('%s', async (_what, env, code, said) => {
    const ended = await job('sh', 'pratique-scan', env);
    expect({ code: ended.code, output: ended.output }).toEqual({ code, output: expect.stringMatching(said) });
  });

  it('writes the reports of a refused image too', async () => {
    const ended = await job('sh', 'pratique-scan', {
      PRATIQUE_TARGET: target('bad'),
      PRATIQUE_FORMATS: 'sarif junit json cyclonedx spdx',
    });
    expect(ended.code).toBe(1);
    const sarif = JSON.parse(ended.read('pratique-reports/pratique.sarif')) as { readonly version: string };
    expect(sarif.version).toBe('2.1.0');
    expect(ended.read('pratique-reports/pratique.xml')).toMatch(/<failure/);
    for (const name of ['json', 'cdx.json', 'spdx.json']) {
      expect(ended.has(`pratique-reports/pratique.${name}`)).toBe(true);
    }
  });
});

describe('the GitHub action', () => {
  const step = action.runs.steps.find(({ id }) => id === 'scan');

  /** What its inputs become, as the runner fills them in. */
  const envOf = (inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(step?.env ?? {}).map(([name, text]) => [
        name,
        text
          .replace(/\$\{\{ inputs\.([a-z-]+) \}\}/g, (_all, input: string) => {
            const known = action.inputs[input];
            if (known === undefined)
              throw new Error(`${name} takes the input "${input}", which there is not`);
            return inputs[input] ?? known.default ?? '';
          })
          .replace(/\$\{\{ github\.action_path \}\}/, resolve('deploy/ci/github-action')),
      ]),
    );

  it.each([
    ['clean', {}, 0],
    ['bad', {}, 1],
    ['bad', { 'only-tell': 'true' }, 0],
    ['bad', { policy: join(dir, 'lenient.yaml') }, 0],
    ['clean', { policy: 'missing.yaml' }, 2],
  ])('ends for %s with %j by %i', async (name, inputs, code) => {
    const outputs = join(dir, `outputs-${jobs}`);
    const env = envOf({ target: target(name), advisories: join(dir, 'osv'), ...inputs });
    const ended = await job('bash', step?.run ?? '', { ...env, GITHUB_OUTPUT: outputs });
    expect(ended.code).toBe(code);
    expect(readFileSync(outputs, 'utf8')).toBe(`exit-code=${code}\n`);
    if (code < 2) expect(ended.has('pratique-reports/pratique.sarif')).toBe(true);
  });

  it('runs nothing that stands in an input', async () => {
    const env = envOf({ target: '"; touch pwned; $(touch pwned)', advisories: join(dir, 'osv') });
    const ended = await job('bash', step?.run ?? '', { ...env, GITHUB_OUTPUT: '/dev/null' });
    expect(ended.code).toBe(2);
    expect(ended.has('pwned')).toBe(false);
    expect(step?.run).not.toMatch(/\$\{\{/);
  });
});

describe('the GitLab template', () => {
  it('runs, and leaves each report that it tells GitLab of', async () => {
    const ended = await job('sh', gitlab.script.join('\n'), {
      ...gitlab.variables,
      PRATIQUE_TARGET: target('bad'),
    });
    expect(ended.code).toBe(1);
    for (const path of Object.values(gitlab.artifacts.reports)) expect(ended.has(path)).toBe(true);
  });
});

describe('the Jenkinsfile', () => {
  it('runs, and leaves what it archives', async () => {
    const text = readFileSync('deploy/ci/jenkins/Jenkinsfile', 'utf8');
    const command = /sh '([^']+)'/.exec(text)?.[1] ?? '';
    const env = Object.fromEntries(
      [...text.matchAll(/(PRATIQUE_(?:FORMATS|REPORTS)) = '([^']+)'/g)].map(([, name, value]) => [
        name,
        value ?? '',
      ]),
    ) as Readonly<Record<string, string>>;
    const ended = await job('sh', command, { ...env, PRATIQUE_TARGET: target('clean') });
    expect(ended.code).toBe(0);
    for (const [, path] of text.matchAll(/'(pratique-reports\/pratique\.[a-z]+)'/g)) {
      expect(ended.has(path ?? '')).toBe(true);
    }
  });
});
