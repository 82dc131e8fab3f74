import { readFileSync } from 'node:fs';
import { createHarbor, type HarborOutcome } from '../test/support/harbor.ts';
import { type BuiltImage, buildImage, debianRoot, type SystemPackage } from '../test/support/images.ts';
import { type OsvRecord, osvRecord } from '../test/support/osv.ts';
import { importFeeds, startPratique } from '../test/support/pratique.ts';
import { startUpstream } from '../test/support/upstream.ts';
import { setting, withScratch } from './support/scratch.ts';
import { format, table } from './support/table.ts';

// Harbor asks for many scans at once, as its "scan all" does, with its own client's habits. Everything is checked: each
// report, how long any answer took, and the memory of the process. Ends with 1 when a bound is broken.
const images = setting('BENCH_IMAGES', 50);
const requests = setting('BENCH_REQUESTS', 200);
const packagesEach = setting('BENCH_PACKAGES', 300);
/** MiB of each image that nothing else shares. */
const size = setting('BENCH_MIB', 8);
/** Milliseconds for any answer; bytes resident. */
const slowestAllowed = 1000;
const memoryAllowed = 400 * 1024 ** 2;
/** Advisories for the packages that all images draw from. */
const advisories = 2000;

const credentials = { username: 'robot$bench', password: 'bench:secret' };
const repository = (n: number): string => `bench/app-${n}`;
const packageName = (n: number): string => `lib${n}`;
/** Every third image's packages are a release behind. */
const isVulnerable = (image: number): boolean => image % 3 === 0;

function feeds(): OsvRecord[] {
  return Array.from({ length: advisories }, (_, n) =>
    osvRecord({
      id: `DEBIAN-CVE-2099-${10_000 + n}`,
      ecosystem: 'Debian:12',
      package: packageName(n),
      fixed: '2.0-1',
      upstream: [`CVE-2099-${10_000 + n}`],
      cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N',
    }),
  );
}

/** Which packages an image has: a window that begins elsewhere for each. */
const packagesOf = (image: number): number[] =>
  Array.from({ length: packagesEach }, (_, n) => (image * 37 + n) % advisories);

function build(image: number, base: readonly { path: string; content: string }[]): BuiltImage {
  const version = isVulnerable(image) ? '1.0-1' : '2.0-1';
  const packages: SystemPackage[] = packagesOf(image).map((n) => ({ name: packageName(n), version }));
  return buildImage({
    layers: [
      { files: base },
      { files: debianRoot({ release: '12', packages }) },
      {
        files: [{ path: `opt/data-${image}`, content: noise(image, size * 1024 ** 2) }],
        compression: 'gzip',
      },
    ],
  });
}

/** Text that does not pack to nothing, the same each time. */
function noise(seed: number, bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed + 1;
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content.writeUInt32LE(state & 0x3f3f3f3f, at);
  }
  return content;
}

/** What is wrong with a report; null: nothing. */
function fault(image: number, built: BuiltImage, outcome: HarborOutcome): string | null {
  if (outcome.kind === 'failed') return `image ${image}: ${outcome.error}`;
  const { artifact, vulnerabilities } = outcome.report as {
    artifact: { repository: string; digest: string };
    vulnerabilities: { id: string; package: string; version: string; fix_version: string }[];
  };
  if (artifact.digest !== built.manifest.digest || artifact.repository !== repository(image))
    return `image ${image}: the report is that of ${artifact.repository}@${artifact.digest}`;
  const found = vulnerabilities.map((one) => `${one.id} ${one.package} ${one.version} ${one.fix_version}`);
  const expected = isVulnerable(image)
    ? packagesOf(image).map((n) => `CVE-2099-${10_000 + n} ${packageName(n)} 1.0-1 2.0-1`)
    : [];
  return found.sort().join() === expected.sort().join()
    ? null
    : `image ${image}: ${found.length} findings, ${expected.length} expected`;
}

/** Bytes: the resident set's high-water mark so far. */
function highWater(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

await withScratch(async (scratch) => {
  const base = [{ path: 'etc/base', content: noise(9999, 4 * 1024 ** 2).toString('latin1') }];
  const built = Array.from({ length: images }, (_, image) => build(image, base));
  const registry = await startUpstream({
    repositories: Object.fromEntries(built.map((image, n) => [repository(n), { latest: image }])),
    auth: { kind: 'token', credentials, expiresIn: 300 },
  });
  scratch.atEnd(() => registry.close());
  await importFeeds(scratch.dir, { Debian: feeds() });
  const pratique = await startPratique({
    dir: scratch.dir,
    upstreams: [{ name: 'other', url: 'http://127.0.0.1:9' }],
    config: { harborAdapter: { registries: [registry.host] } },
  });
  scratch.atEnd(() => pratique.stop());
  const harbor = createHarbor(pratique.harborAdapter);
  scratch.atEnd(() => harbor.close());
  const before = highWater(pratique.child.pid);

  const scan = (image: number): Promise<HarborOutcome> => {
    const { manifest } = built[image] ?? {};
    if (manifest === undefined) throw new Error(`there is no image ${image}`);
    return harbor.scan({
      registry: registry.url,
      robot: { name: credentials.username, secret: credentials.password },
      repository: repository(image),
      digest: manifest.digest,
      mimeType: manifest.mediaType,
    });
  };
  const round = async (count: number) => {
    const started = performance.now();
    const calls = harbor.calls.length;
    const asked = Array.from({ length: count }, (_, n) => n % images);
    const outcomes = await Promise.all(asked.map(scan));
    const answers = harbor.calls.slice(calls).map(({ milliseconds }) => milliseconds);
    const faults = asked.flatMap((image, n) => {
      const [one, outcome] = [built[image], outcomes[n]];
      if (one === undefined || outcome === undefined) throw new Error('an outcome is missing');
      return fault(image, one, outcome) ?? [];
    });
    return {
      seconds: (performance.now() - started) / 1000,
      answers: answers.sort((a, b) => a - b),
      polls: Math.max(...outcomes.map(({ polls }) => polls)),
      faults,
    };
  };

  const first = await round(requests);
  const downloads = registry.requests.filter(({ path }) => path.includes('/blobs/')).length;
  const second = await round(images);
  const peak = highWater(pratique.child.pid);
  const blobs = new Set(built.flatMap((image) => [...image.blobs.keys()])).size;

  const row = (what: string, { seconds, answers, polls, faults }: typeof first): string[] => [
    what,
    `${answers.length}`,
    format(answers[Math.floor(answers.length / 2)] ?? Number.NaN),
    format(answers.at(-1) ?? Number.NaN),
    `${polls}`,
    format(seconds),
    `${faults.length}`,
  ];
  process.stdout.write(
    `${table(
      ['', 'answers', 'median, ms', 'slowest, ms', 'most polls', 'all done, s', 'wrong reports'],
      [
        row(`${requests} scans of ${images} images at once`, first),
        row(`${images} scans of known images at once`, second),
      ],
    )}\n\nresident at most: ${format(peak / 1024 ** 2)} MiB (${format(before / 1024 ** 2)} MiB before the first scan)\n`,
  );
  process.stdout.write(`requests for blobs: ${downloads}, of ${blobs} blobs\n`);

  const slowest = Math.max(first.answers.at(-1) ?? 0, second.answers.at(-1) ?? 0);
  const broken = [
    ...[...first.faults, ...second.faults].slice(0, 10),
    ...(slowest < slowestAllowed ? [] : [`the slowest answer took ${format(slowest)} ms`]),
    ...(peak <= memoryAllowed ? [] : [`${format(peak / 1024 ** 2)} MiB were resident`]),
    ...(second.polls === 1 ? [] : [`a known image took ${second.polls} polls`]),
  ];
  for (const one of broken) process.stdout.write(`BROKEN: ${one}\n`);
  if (broken.length > 0) process.exitCode = 1;
});
