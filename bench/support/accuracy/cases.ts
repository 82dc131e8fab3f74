import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { PackageList } from './listed.ts';
import { lists } from './lists/index.ts';

/** A root filesystem and whose word there is on what is in it. */
export interface Case {
  readonly name: string;
  /** The unpacked root. */
  readonly root: string;
  readonly lists: readonly { readonly list: PackageList; readonly folder: string }[];
  /** Whether the other generator is asked as well. */
  readonly generator: boolean;
  /** Whether the root is also looked at as an image of one layer. */
  readonly image: boolean;
}

export interface Cases {
  /** Path of the other generator's program; null: none is asked. */
  readonly generator: string | null;
  /** The folder where it keeps what it needs without a network (its list of jars); null: an empty one. */
  readonly generatorCache: string | null;
  readonly cases: readonly Case[];
}

const file = z.strictObject({
  generator: z.string().optional(),
  generatorCache: z.string().optional(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      root: z.string(),
      /** `dpkg`, or with a folder of the root `npm:srv/app`. */
      lists: z.array(z.string()),
      generator: z.boolean().default(true),
      image: z.boolean().default(true),
    }),
  ),
});

/** Reads `FOLDER/cases.json`; paths in it are the folder's. @throws Error, with what to write instead */
export function readCases(folder: string): Cases {
  const read = file.parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')));
  return {
    generator: read.generator === undefined ? null : resolve(folder, read.generator),
    generatorCache: read.generatorCache === undefined ? null : resolve(folder, read.generatorCache),
    cases: read.cases.map((one) => ({
      ...one,
      root: resolve(folder, one.root),
      lists: one.lists.map(listOf),
    })),
  };
}

function listOf(text: string): Case['lists'][number] {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const list = lists.find((one) => one.name === name);
  if (list === undefined) {
    throw new Error(
      `cases.json: there is no list "${name}", only ${lists.map((one) => one.name).join(', ')}`,
    );
  }
  return { list, folder: colon < 0 ? '' : text.slice(colon + 1) };
}
