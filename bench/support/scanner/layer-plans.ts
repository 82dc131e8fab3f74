import { debianRoot, npmPackages, type TarEntry } from '../../../test/support/images.ts';
import { randomOf } from '../../../test/support/random.ts';
import type { Corpus } from './corpus.ts';

/** So many files of so many bytes in all. */
interface Share {
  readonly files: number;
  readonly megabytes: number;
}

/** What one layer holds, before it is scaled. */
interface LayerPlan {
  /** Where its files lie. */
  readonly root: string;
  readonly text: Share;
  readonly program: Share;
  readonly noise: Share;
  /** What package managers leave, beside the files. */
  readonly packages: () => readonly TarEntry[];
}

const debianPackages = 300;
const nodePackages = 1500;
const pythonPackages = 200;

/** Names as they stand in feeds.ts too. */
export const names = {
  debian: (nth: number): string => `libbench${nth}`,
  npm: (nth: number): string => `bench-module-${nth}`,
  python: (nth: number): string => `bench-project-${nth}`,
  counts: { debian: debianPackages, npm: nodePackages, python: pythonPackages },
};

const none = (): readonly TarEntry[] => [];

/** An image for machine learning with a service in front: 4 GB and 100,000 files, a quarter of the bytes text. */
const plans: readonly LayerPlan[] = [
  {
    root: 'usr',
    text: { files: 5500, megabytes: 50 },
    program: { files: 2000, megabytes: 130 },
    noise: { files: 500, megabytes: 20 },
    packages: () =>
      debianRoot({
        release: '12',
        packages: Array.from({ length: debianPackages }, (_, nth) => ({
          name: names.debian(nth),
          version: `1.${nth % 40}-1`,
          files: [`usr/lib/${names.debian(nth)}.so.1`],
        })),
      }),
  },
  {
    root: 'usr/local/lib/runtime',
    text: { files: 11_000, megabytes: 120 },
    program: { files: 3000, megabytes: 280 },
    noise: { files: 4000, megabytes: 100 },
    packages: none,
  },
  {
    root: 'opt/accelerator',
    text: { files: 1400, megabytes: 50 },
    program: { files: 400, megabytes: 1300 },
    noise: { files: 200, megabytes: 150 },
    packages: none,
  },
  {
    root: 'srv/web/node_modules/bench-bundle',
    text: { files: 42_000, megabytes: 450 },
    program: { files: 100, megabytes: 100 },
    noise: { files: 1400, megabytes: 50 },
    packages: () =>
      npmPackages(
        Array.from({ length: nodePackages }, (_, nth) => ({
          name: names.npm(nth),
          version: `${nth % 9}.${nth % 30}.0`,
          under: 'srv/web',
        })),
      ),
  },
  {
    root: 'usr/lib/python3/dist-packages/bench',
    text: { files: 15_000, megabytes: 300 },
    program: { files: 1000, megabytes: 400 },
    noise: { files: 6000, megabytes: 440 },
    packages: () =>
      Array.from({ length: pythonPackages }, (_, nth) => ({
        path: `usr/lib/python3/dist-packages/bench_project_${nth}-${nth % 9}.${nth % 30}.dist-info/METADATA`,
        content: `Metadata-Version: 2.1\nName: ${names.python(nth)}\nVersion: ${nth % 9}.${nth % 30}\n\nMade up.\n`,
      })),
  },
  {
    root: 'srv/app',
    text: { files: 4000, megabytes: 25 },
    program: { files: 100, megabytes: 25 },
    noise: { files: 100, megabytes: 10 },
    packages: none,
  },
];

export const layerCount = plans.length;
/** Bytes of all files, before they are scaled. */
export const plannedBytes = plans.reduce(
  (sum, { text, program, noise }) => sum + (text.megabytes + program.megabytes + noise.megabytes) * 1e6,
  0,
);

/**
 * The entries of one layer, one after the other.
 * @param scale part of the files and bytes that is made
 * @param seed layers of other seeds hold the same kinds of files, and none of them twice
 */
export function* entriesOf(nth: number, scale: number, seed: number, corpus: Corpus): Generator<TarEntry> {
  const plan = plans[nth];
  if (plan === undefined) throw new Error(`there is no layer ${nth}`);
  yield* plan.packages();
  let at = 0;
  for (const [kind, share, endings] of [
    ['text', plan.text, ['.js', '.py', '.json', '.txt', '.md', '.conf', '.sh', '.yaml']],
    ['program', plan.program, ['.so', '', '.so.1']],
    ['noise', plan.noise, ['.pyc', '.png', '.gz']],
  ] as const) {
    for (const bytes of sizesOf(share, scale, seed + at)) {
      at += 1;
      const ending = endings[at % endings.length] ?? '';
      const path = `${plan.root}/${kind}${at % 97}/part-${at % 11}/${kind}-${at}${ending}`;
      const content = corpus[kind](bytes, seed * 1_000_000 + at);
      yield { path, content, mode: kind === 'program' ? 0o755 : 0o644 };
    }
  }
}

/** Many small ones and few large ones, as files are. */
function sizesOf({ files, megabytes }: Share, scale: number, seed: number): number[] {
  const random = randomOf(seed);
  const count = Math.max(1, Math.round(files * scale));
  const weights = Array.from({ length: count }, () => Math.exp(3 * (random() + random() + random()) - 4.5));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => Math.ceil((weight / sum) * megabytes * 1e6 * scale));
}
