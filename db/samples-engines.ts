import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachedVexStore } from '../core/ports/attached-vex.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import type { Records } from '../core/ports/records.ts';
import type { Sightings } from '../core/ports/sightings.ts';
import type { EvaluatedVerdicts, VerdictStore } from '../core/ports/verdicts.ts';
import { openState } from './state.ts';

/** The ports as their users see them: what holds for one engine has to hold for any other. */
export type Stores = Records &
  VerdictStore &
  EvaluatedVerdicts &
  ExceptionStore &
  Outbox &
  Sightings &
  AttachedVexStore;

export interface Engine {
  readonly stores: Stores;
  /** Closes it and opens it again. */
  reopen(): Promise<Stores>;
  remove(): Promise<void>;
}

/** Each in a place of its own. Another engine that keeps the state is added here, and every test of a port runs on it. */
export const engines: readonly (readonly [string, () => Promise<Engine>])[] = [['SQLite', sqlite]];

function sqlite(): Promise<Engine> {
  const dir = mkdtempSync(join(tmpdir(), 'pratique-engine-'));
  const open = (): Stores => asynchronous(openState(join(dir, 'state.db')));
  let stores = open();
  return Promise.resolve({
    stores,
    reopen: async () => {
      await stores.close();
      stores = open();
      return stores;
    },
    remove: async () => {
      await stores.close();
      rmSync(dir, { recursive: true, force: true });
    },
  });
}

type Operation = (...args: readonly unknown[]) => unknown;

function asynchronous(state: object): Stores {
  const operations = Object.entries(state) as [string, Operation][];
  const asked = operations.map(([name, ask]) => [
    name,
    (...args: readonly unknown[]) => new Promise((resolve) => resolve(ask(...args))),
  ]);
  return Object.fromEntries(asked) as Stores;
}
