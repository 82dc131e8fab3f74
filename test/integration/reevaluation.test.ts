import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { viewOf } from '../../core/inventory.ts';
import { debPackage, digest, finding, found, inventory, manifest, match, team } from '../../db/samples.ts';
import { openState } from '../../db/state.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { scannerNameOf } from '../../vetting/judge.ts';

const built = new URL('../../dist/', import.meta.url);
const images = 250;
/** Cannot be judged: what is recorded of it is not what this program writes. */
const broken = 77;
const policy = (action: 'deny' | 'warn'): string => `
version: 1
name: house
rules:
  - { id: any-fix, title: A fix exists, action: ${action}, when: { fixAvailable: true } }
require: { coverage: ignore, recognisedOs: ignore, advisories: { action: ignore } }
`;

interface Told {
  readonly changed: readonly string[];
  readonly state: { readonly running: boolean; readonly done: number; readonly total: number };
  readonly log: readonly string[];
  readonly mostMegabytes: number;
}

describe('judging recorded images again, in the built program', () => {
  let dir: string;
  const file = (): string => join(dir, 'state.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-again-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const record = (): void => {
    const at = Date.now();
    const scannedAt = new Date(at).toISOString();
    const state = openState(file());
    state.together(() => {
      for (let image = 1; image <= images; image += 1) {
        const matched = match('r1', image % 5 === 0 ? [finding(`CVE-2026-${image}`)] : []);
        const known = inventory({ analyzers: ANALYZERS, packages: [debPackage(`openssl-${image}`)] });
        state.putManifest(team, { ...manifest, digest: digest(image) });
        state.putInventory(digest(image), known, scannedAt);
        const unreadable = [{ ...finding('CVE'), aliases: 7 }] as never;
        const packages = [image === broken ? unreadable : matched.findings];
        state.putMatch({ digest: digest(image), scannedAt, found: found('r1', packages) });
        const verdict = evaluate({
          policy: parsePolicy(policy('warn'), 'policy.yaml'),
          inventory: viewOf(known),
          match: matched,
          image: ['registry.corp/team/app'],
          scanner: scannerNameOf(ANALYZERS),
          scannedAt,
          at,
        });
        state.putVerdicts([{ digest: digest(image), verdict, cause: 'first' }], scannedAt);
      }
    });
    state.close();
  };

  const judgeAgain = async (text: string, starts: number): Promise<Told> => {
    const program = join(dir, 'program.mjs');
    const from = (name: string): string => JSON.stringify(new URL(name, built).href);
    writeFileSync(
      program,
      `
      import { openRecords } from ${from('db/state-client.js')};
      import { parsePolicy } from ${from('policy/parse.js')};
      import { createReevaluation } from ${from('app/reevaluation.js')};
      const records = await openRecords(${JSON.stringify(file())}, (error) => { throw error; });
      const changed = [];
      const log = [];
      const note = (fields, message) => log.push(message);
      const reevaluation = createReevaluation({
        stateFile: ${JSON.stringify(file())}, records, now: Date.now,
        advisories: () => ({ file: 'not needed', revision: 'r1' }),
        policies: () => [parsePolicy(${JSON.stringify(text)}, 'policy.yaml')],
        analyzers: ${JSON.stringify(ANALYZERS)},
        logger: { debug() {}, info: note, warn: note, error: note },
        onChanged: (digests) => changed.push(...digests),
      });
      let mostMegabytes = 0;
      for (let start = 0; start < ${starts}; start += 1) {
        reevaluation.start('policy');
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      while (reevaluation.state.running) {
        mostMegabytes = Math.max(mostMegabytes, process.memoryUsage().rss / 2 ** 20);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const state = reevaluation.state;
      await records.close();
      process.stdout.write(JSON.stringify({ changed, state, log, mostMegabytes }));
    `,
    );
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    return JSON.parse(out) as Told;
  };

  it('changes what a policy says otherwise, takes back what cannot be judged, and leaves nothing out', async () => {
    record();
    const told = await judgeAgain(policy('deny'), 1);
    expect(told.state).toMatchObject({ running: false, done: images, total: images });
    expect(told.log).toEqual([
      'an image could not be judged again: what stood of it is taken back',
      'recorded images were judged again',
    ]);
    const state = openState(file());
    const { revision } = parsePolicy(policy('deny'), 'policy.yaml');
    const changed: string[] = [];
    for (let image = 1; image <= images; image += 1) {
      const verdict = state.getVerdict(digest(image), 'house');
      const expected = image === broken ? 'error' : image % 5 === 0 ? 'fail' : 'pass';
      expect([image, verdict?.status]).toEqual([image, expected]);
      expect(verdict?.policyRevision === revision).toBe(image !== broken);
      if (expected === 'pass') continue;
      changed.push(digest(image));
      const last = state.history({ digest: digest(image), policy: 'house', from: null, limit: 10 }).at(-1);
      expect(last).toMatchObject({ kind: 'verdict', to: expected, cause: 'policy' });
    }
    // A gate takes it for overtaken, and judges it when it is asked for.
    expect(state.getVerdict(digest(broken), 'house')).toMatchObject({
      reasons: [expect.stringMatching(/^it could not be judged again: /)],
      blockers: { complete: false },
    });
    state.close();
    expect([...told.changed].sort()).toEqual(changed.sort());
    expect(told.mostMegabytes).toBeLessThan(400);
  });

  it('loses nothing when it is begun anew while it runs', async () => {
    record();
    const told = await judgeAgain(policy('deny'), 3);
    expect(told.state).toMatchObject({ running: false, done: images });
    const state = openState(file());
    for (let image = 5; image <= images; image += 5) {
      expect(state.getVerdict(digest(image), 'house')?.status).toBe('fail');
    }
    state.close();
  });
});
