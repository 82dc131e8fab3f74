import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Built } from '../../../support/images.ts';
import { writeLayout } from '../../../support/layout.ts';
import { type Ended, must } from '../run.ts';

/** `USER:PASSWORD`. */
export type Login = string;

/** A program that people pull and push with, on storage of its own, which reaches registries through the proxy alone. */
export interface RegistryClient {
  /**
   * @param image `ALIAS/REPOSITORY:TAG` as the proxy names it
   * @param until what it may say last, where it would otherwise go on trying for minutes
   */
  pull(image: string, until?: RegExp): Promise<Ended>;
  /** Takes an image from `images` below the client's folder and pushes it to this name at the proxy. */
  push(local: string, image: string, login?: Login): Promise<Ended>;
  /** Whether an image of this name is there without asking anybody. */
  holds(image: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Where a client lives. */
export interface Place {
  readonly dir: string;
  /** Port of the proxy on loopback. */
  readonly port: number;
  /** Images to push, by name. */
  readonly images: Images;
}

export interface Images {
  /** OCI image layout, as skopeo names it. */
  layout(name: string): string;
  /** A file that `load` takes; the image in it is called `local.test/NAME:1`. */
  archive(name: string): Promise<string>;
}

export const localName = (name: string): string => `local.test/${name}:1`;

export async function layOut(dir: string, images: Readonly<Record<string, Built>>): Promise<Images> {
  for (const [name, built] of Object.entries(images)) await writeLayout(join(dir, name), { [name]: built });
  const layout = (name: string): string => `oci:${join(dir, name)}:${name}`;
  return {
    layout,
    archive: async (name) => {
      const file = join(dir, `${name}.tar`);
      if (!existsSync(file))
        await must('skopeo', ['copy', layout(name), `docker-archive:${file}:${localName(name)}`]);
      return file;
    },
  };
}
