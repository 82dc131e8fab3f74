import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './fuzz-loop.ts';
import { LastInput } from './last-input.ts';
import { targets } from './targets/index.ts';
import type { FuzzRun } from './watch.ts';

// A thread that fuzzes one target, so that a hang can be ended and a crash told.
const { name, bounds, shared } = workerData as FuzzRun;
const target = targets.find((one) => one.name === name);
if (target === undefined) throw new Error(`no target is called ${name}`);
const last = new LastInput(shared);
const fuzzed = await fuzz(target, bounds, (input, count) => last.put(input, count));
parentPort?.postMessage(fuzzed);
