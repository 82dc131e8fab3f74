import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digest, exception } from '../../db/samples.ts';
import { openState, openStateBeside } from '../../db/state.ts';

const built = new URL('../../dist/db/', import.meta.url);

describe('the state file', () => {
  let dir: string;
  const file = (): string => join(dir, 'state.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-state-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Runs in a process of its own, on the built program; `lines` are what it says. */
  const start = (script: string): { readonly child: ChildProcess; readonly lines: AsyncIterator<string> } => {
    const program = join(dir, 'program.mjs');
    writeFileSync(program, script);
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, lines };
  };

  it('has every verdict that was acknowledged before the process was killed', async () => {
    const { child, lines } = start(`
      import { openRecords } from ${JSON.stringify(new URL('state-client.js', built).href)};
      import { judged, digest, at } from ${JSON.stringify(new URL('samples.js', built).href)};
      const records = await openRecords(${JSON.stringify(file())}, (error) => { throw error; });
      for (let image = 1; ; image += 1) {
        await records.putVerdicts([judged(digest(image), { status: 'fail' }, 'advisories')], at(1));
        process.stdout.write(image + '\\n');
      }
    `);
    const exited = once(child, 'exit');
    let acknowledged = 0;
    while (acknowledged < 20) acknowledged = Number((await lines.next()).value);
    child.kill('SIGKILL');
    await exited;
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      acknowledged = Number(line.value);
    }
    expect(acknowledged).toBeGreaterThanOrEqual(20);
    const state = openState(file());
    for (let image = 1; image <= acknowledged; image += 1) {
      expect(state.getVerdict(digest(image), 'baseline')?.status).toBe('fail');
    }
    // A change for each verdict, and none without.
    expect(state.pageVerdicts(null, 10_000)).toHaveLength(state.lastCursor());
    state.close();
  });

  it('is written by a server and by the command line at the same time, and neither loses anything', async () => {
    const server = start(`
      import { openRecords } from ${JSON.stringify(new URL('state-client.js', built).href)};
      import { judged, digest, at } from ${JSON.stringify(new URL('samples.js', built).href)};
      const records = await openRecords(${JSON.stringify(file())}, (error) => { throw error; });
      console.log('open');
      for (let first = 0; first < 500; first += 10) {
        const images = Array.from({ length: 10 }, (_, index) => first + index);
        await Promise.all(images.map((image) => records.putVerdicts([judged(digest(image))], at(1))));
      }
      console.log(await records.exceptionsVersion());
      await records.close();
    `);
    const exited = once(server.child, 'exit');
    expect((await server.lines.next()).value).toBe('open');
    const ids = Array.from({ length: 40 }, (_, index) => `ex-${index}`);
    for (const id of ids) {
      const beside = openStateBeside(file());
      beside.addException(exception({ id }));
      beside.close();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await exited).toEqual([0, null]);
    const state = openState(file());
    expect(state.lastCursor()).toBe(500);
    expect(state.listExceptions(null).map(({ id }) => id)).toEqual(ids);
    expect([state.exceptionsVersion(), state.brokenAudit()]).toEqual([ids.length, null]);
    state.close();
  });

  it('answers who pulls while somebody else writes, and with everything that was acknowledged', async () => {
    const { child, lines } = start(`
      import { openRecords } from ${JSON.stringify(new URL('state-client.js', built).href)};
      import { openDatabase } from ${JSON.stringify(new URL('sqlite.js', built).href)};
      import { digest, manifest, nginx } from ${JSON.stringify(new URL('samples.js', built).href)};
      const records = await openRecords(${JSON.stringify(file())}, (error) => { throw error; });
      let missed = 0;
      for (let image = 1; image <= 200; image += 1) {
        await records.putManifest(nginx, { ...manifest, digest: digest(image) });
        if (await records.getManifest(nginx, digest(image)) === null) missed += 1;
      }
      console.log(missed);
      const other = openDatabase(${JSON.stringify(file())});
      other.exec('BEGIN IMMEDIATE');
      const waiting = records.putManifest(nginx, { ...manifest, digest: digest(201) }).then(() => 'written');
      const read = records.getManifest(nginx, digest(1)).then(() => 'read');
      console.log(await Promise.race([waiting, read]));
      other.exec('ROLLBACK');
      console.log(await waiting);
      await records.close();
    `);
    const exited = once(child, 'exit');
    const told = [await lines.next(), await lines.next(), await lines.next()].map(
      ({ value }) => value as string,
    );
    expect(told).toEqual(['0', 'read', 'written']);
    expect(await exited).toEqual([0, null]);
  });
});
