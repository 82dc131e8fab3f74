import { copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bad, debian, feeds, openStage, type Stage } from '../integration/stage.ts';
import { importFeeds, type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { haveAptPrograms } from './support/programs.ts';
import { must } from './support/run.ts';

/** The commands of docs/backup.md, as they stand there, while the proxy writes; and what a restored one knows. */

const guide = readFileSync('docs/backup.md', 'utf8');

/** A command of the guide, with the paths of this test. */
function command(begin: RegExp, paths: Readonly<Record<string, string>>): string {
  const [found] = begin.exec(guide) ?? [];
  if (found === undefined) throw new Error(`docs/backup.md has no command that fits ${begin}`);
  return Object.entries(paths).reduce((text, [path, here]) => text.replaceAll(path, here), found);
}

const state = '/var/lib/pratique/state.db';
const ways: readonly (readonly [string, boolean, RegExp, Readonly<Record<string, string>>])[] = [
  ['.backup of sqlite3', true, /^sqlite3 .*\.backup.*$/m, { '/backup/state.db': 'OUT' }],
  ['VACUUM INTO of sqlite3', true, /^sqlite3 .*VACUUM INTO.*$/m, { '/backup/state.db': 'OUT' }],
  [
    'node, with the package that the program brings',
    false,
    /(?<=exec pratique-0 -- )node -e '[^']*'/,
    { '/tmp/state.db': 'OUT', '/app/node_modules': resolve('node_modules') },
  ],
];
const crowd = Object.fromEntries(
  Array.from({ length: 40 }, (_none, index) => [`n${index}`, debian('curl', '7.88-1', `n${index}`)]),
);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ repositories: { 'team/app': { bad, ...crowd } } });
  const until = new Date(Date.now() + 86_400_000).toISOString();
  await must(process.execPath, [
    ...[
      resolve('dist/app/cli.js'),
      'exception',
      'add',
      '--advisory',
      'CVE-2026-1001',
      '--package',
      'openssl',
    ],
    ...['--reason', 'not called', '--author', 'ada', '--expires', until, '--data', stage.pratique.dataDir],
  ]);
}, 120_000);
afterAll(() => stage.close());

/** Another machine, with nothing but what was saved of the state. */
async function restored(file: string): Promise<{ readonly running: RunningPratique; readonly dir: string }> {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'data'));
  copyFileSync(file, join(dir, 'data', 'state.db'));
  return { running: await restarted(dir), dir };
}

const pull = async (registry: string, tag: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${registry}/v2/corp/team/app/manifests/${tag}`);
  return { status: answer.status, text: await answer.text() };
};

describe.each(ways)('a state that was saved with %s', (what, needed, begin, paths) => {
  const here = !needed || haveAptPrograms('sqlite3');
  (here ? it : it.skip)(
    `is whole, and a proxy that starts with it knows what it holds${here ? '' : ' (not run: sqlite3)'}`,
    async () => {
      const out = join(temporaryDirectory(), 'state.db');
      const replaced = Object.entries(paths).map(([path, to]) => [path, to === 'OUT' ? out : to] as const);
      const text = command(begin, {
        ...Object.fromEntries<string>(replaced),
        [state]: join(stage.pratique.dataDir, 'state.db'),
      });
      // Images that nobody knew are inspected and recorded meanwhile.
      const tags = Object.keys(crowd).filter(
        (_tag, index) => index % ways.length === ways.findIndex(([name]) => name === what),
      );
      const [, ...pulled] = await Promise.all([
        must('sh', ['-c', text]),
        ...tags.map(async (tag) => pull(stage.pratique.registry, tag)),
      ]);
      expect(pulled.map(({ status }) => status)).toEqual(tags.map(() => 200));

      const { running, dir } = await restored(out);
      try {
        const list = await runCli(['exception', 'list', '--data', running.dataDir]);
        expect(list.out).toContain('CVE-2026-1001');
        // Advisories were not saved: nothing is let through by what is not known.
        expect(await pull(running.registry, 'n0')).toMatchObject({
          status: 403,
          text: expect.stringContaining('no advisories have been imported'),
        });
      } finally {
        await running.stop();
      }
      await importFeeds(dir, feeds);
      const again = await restarted(dir);
      try {
        expect((await pull(again.registry, 'n0')).status).toBe(200);
        // By the exception, which is in the backup.
        expect((await pull(again.registry, 'bad')).status).toBe(200);
      } finally {
        await again.stop();
      }
    },
    120_000,
  );
});

function restarted(dir: string): Promise<RunningPratique> {
  const upstreams = [{ name: 'corp', url: stage.upstream.url, namespace: 'registry.corp', tagTtl: '0s' }];
  return startPratique({ dir, upstreams });
}

it('a whole folder that was copied while nothing ran is the same proxy, as the guide for systemd has it', async () => {
  await stage.pratique.stop();
  const dir = temporaryDirectory();
  cpSync(stage.pratique.dataDir, join(dir, 'data'), { recursive: true });
  await stage.restart();
  const copy = await restarted(dir);
  try {
    expect((await pull(copy.registry, 'bad')).status).toBe(200);
    const at = ['--data', copy.dataDir, '--config', join(dir, 'pratique.yaml')];
    const verdict = await runCli(['verdict', 'registry.corp/team/app:bad', ...at]);
    expect(verdict).toMatchObject({ code: 0, out: expect.stringContaining('CVE-2026-1001') });
  } finally {
    await copy.stop();
  }
}, 120_000);
