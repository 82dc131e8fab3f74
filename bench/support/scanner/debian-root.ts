import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../../../test/e2e/support/programs.ts';
import { must } from '../../../test/e2e/support/run.ts';
import { debianRoot } from '../../../test/support/images.ts';
import { randomOf } from '../../../test/support/random.ts';
import { Corpus } from './corpus.ts';

export interface Root {
  readonly dir: string;
  /** What it is, for whoever reads the numbers. */
  readonly name: string;
}

/** A Debian 12 minbase: the one that `PRATIQUE_DEBIAN_ROOT` names, what debootstrap makes, or one that is made up. */
export async function debianRootFolder(images: string, bytes: number, quick: boolean): Promise<Root> {
  const named = process.env.PRATIQUE_DEBIAN_ROOT;
  if (named !== undefined && named !== '')
    return { dir: named, name: 'the root that PRATIQUE_DEBIAN_ROOT names' };
  if (!quick && findProgram('debootstrap') !== null && process.getuid?.() === 0) {
    const dir = join(images, 'bookworm');
    if (!existsSync(join(dir, 'var/lib/dpkg/status'))) {
      mkdirSync(images, { recursive: true });
      await must('debootstrap', ['--variant=minbase', 'bookworm', dir]);
    }
    return { dir, name: 'Debian 12, minbase, by debootstrap' };
  }
  const dir = join(images, `made-up-debian-${bytes}`);
  if (!existsSync(dir)) makeUp(dir, bytes);
  return {
    dir,
    name: 'a made-up root with the package list of a Debian (no debootstrap, no PRATIQUE_DEBIAN_ROOT)',
  };
}

/** As many files and packages as minbase has, filled with this installation's texts and machine code. */
function makeUp(dir: string, bytes: number): void {
  const corpus = new Corpus();
  const random = randomOf(12);
  const packages = Array.from({ length: 88 }, (_, nth) => ({
    name: `libmade${nth}`,
    version: `1.${nth}-1`,
    files: [`usr/lib/libmade${nth}.so`],
  }));
  const entries = debianRoot({ release: '12', packages });
  const files = 5500;
  const weights = Array.from({ length: files }, () => Math.exp(6 * random() - 3));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  weights.forEach((weight, nth) => {
    const kind = nth % 4 === 0 ? 'program' : 'text';
    const content = corpus[kind](Math.ceil((weight / sum) * bytes), nth);
    entries.push({ path: `usr/${kind === 'program' ? 'lib' : 'share'}/${nth % 50}/${kind}-${nth}`, content });
  });
  for (const { path, content = '' } of entries) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
}
