import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { createHarbor, type HarborOutcome } from '../test/support/harbor.ts';
import { importFeeds, startPratique } from '../test/support/pratique.ts';
import {
  advisoryRecords,
  credentials,
  expectedFindings,
  images,
  repository,
} from './support/harbor-images.ts';
import type { RegistryReady } from './support/harbor-registry.ts';
import { setting, withScratch } from './support/scratch.ts';
import { format, table } from './support/table.ts';

// Harbor asks for many scans at once, as its "scan all" does, with its own client's habits. Everything is checked: each
// report, how long any answer took, and the memory of the process. Ends with 1 when a bound is broken.
const requests = setting('BENCH_REQUESTS', 200);
/** Milliseconds for any answer; bytes resident. */
const slowestAllowed = 1000;
const memoryAllowed = 400 * 1024 ** 2;

interface Round {
  readonly seconds: number;
  /** Milliseconds, sorted. */
  readonly answers: readonly number[];
  /** Most that any scan took. */
  readonly polls: number;
  readonly faults: readonly string[];
}

await withScratch(async (scratch) => {
  const thread = new Worker(new URL('./support/harbor-registry.js', import.meta.url));
  scratch.atEnd(async () => {
    await thread.terminate();
  });
  const ask = async <Answer>(): Promise<Answer> => {
    const [answer] = (await once(thread, 'message')) as [Answer];
    return answer;
  };
  const registry = await ask<RegistryReady>();
  await importFeeds(scratch.dir, { Debian: advisoryRecords() });
  const pratique = await startPratique({
    dir: scratch.dir,
    upstreams: [{ name: 'other', url: 'http://127.0.0.1:9' }],
    config: { harborAdapter: { registries: [registry.host] } },
  });
  scratch.atEnd(() => pratique.stop());
  const harbor = createHarbor(pratique.harborAdapter);
  scratch.atEnd(() => harbor.close());
  const before = highWater(pratique.child.pid);

  const round = async (count: number): Promise<Round> => {
    const started = performance.now();
    const calls = harbor.calls.length;
    const asked = Array.from({ length: count }, (_, n) => n % images);
    const outcomes = await Promise.all(
      asked.map(async (image) => {
        const manifest = manifestOf(registry, image);
        const outcome = await harbor.scan({
          registry: registry.url,
          robot: { name: credentials.username, secret: credentials.password },
          repository: repository(image),
          digest: manifest.digest,
          mimeType: manifest.mediaType,
        });
        return { polls: outcome.polls, fault: fault(image, manifest.digest, outcome) };
      }),
    );
    return {
      seconds: (performance.now() - started) / 1000,
      answers: harbor.calls
        .slice(calls)
        .map(({ milliseconds }) => milliseconds)
        .sort((a, b) => a - b),
      polls: Math.max(...outcomes.map(({ polls }) => polls)),
      faults: outcomes.flatMap((outcome) => outcome.fault ?? []),
    };
  };

  const first = await round(requests);
  const second = await round(images);
  const peak = highWater(pratique.child.pid);
  thread.postMessage('downloads');
  const { sent, times } = await ask<{ sent: number; times: number }>();

  process.stdout.write(
    `${table(
      ['', 'answers', 'median, ms', 'slowest, ms', 'most polls', 'all done, s', 'wrong reports'],
      [
        row(`${requests} scans of ${images} images at once`, first),
        row(`${images} scans of known images at once`, second),
      ],
    )}\n\n`,
  );
  process.stdout.write(
    `resident at most: ${mebibytes(peak)} MiB (${mebibytes(before)} MiB before the first scan)\n`,
  );
  process.stdout.write(`${times} downloads of ${registry.blobs} blobs (${sent} of them larger than 1 kB)\n`);

  const slowest = Math.max(first.answers.at(-1) ?? 0, second.answers.at(-1) ?? 0);
  const broken = [
    ...[...first.faults, ...second.faults].slice(0, 10),
    ...(slowest < slowestAllowed ? [] : [`the slowest answer took ${format(slowest)} ms`]),
    ...(peak <= memoryAllowed ? [] : [`${mebibytes(peak)} MiB were resident`]),
    ...(second.polls === 1 ? [] : [`a known image took ${second.polls} polls`]),
  ];
  for (const one of broken) process.stdout.write(`BROKEN: ${one}\n`);
  if (broken.length > 0) process.exitCode = 1;
});

function manifestOf(registry: RegistryReady, image: number): RegistryReady['manifests'][number] {
  const manifest = registry.manifests[image];
  if (manifest === undefined) throw new Error(`there is no image ${image}`);
  return manifest;
}

/** What is wrong with a report; null: nothing. */
function fault(image: number, digest: string, outcome: HarborOutcome): string | null {
  if (outcome.kind === 'failed') return `image ${image}: ${outcome.error}`;
  const { artifact, vulnerabilities } = outcome.report as {
    artifact: { repository: string; digest: string };
    vulnerabilities: { id: string; package: string; version: string; fix_version: string }[];
  };
  if (artifact.digest !== digest || artifact.repository !== repository(image))
    return `image ${image}: the report is that of ${artifact.repository}@${artifact.digest}`;
  const found = vulnerabilities.map((one) => `${one.id} ${one.package} ${one.version} ${one.fix_version}`);
  const expected = expectedFindings(image);
  return found.sort().join() === expected.join()
    ? null
    : `image ${image}: ${found.length} findings, ${expected.length} expected`;
}

function row(what: string, { seconds, answers, polls, faults }: Round): string[] {
  return [
    what,
    `${answers.length}`,
    format(answers[Math.floor(answers.length / 2)] ?? Number.NaN),
    format(answers.at(-1) ?? Number.NaN),
    `${polls}`,
    format(seconds),
    `${faults.length}`,
  ];
}

/** Bytes: the resident set's high-water mark so far. */
function highWater(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}
