import { mkdirSync } from 'node:fs';
import { imageOfFolder } from '../../../test/e2e/support/folder-image.ts';
import { writeLayout } from '../../../test/support/layout.ts';
import { first, type Layout } from './layout.ts';

/** An image of one layer with everything that a folder holds. */
export async function folderLayout(dir: string, folder: string): Promise<Layout> {
  mkdirSync(dir, { recursive: true });
  const image = await imageOfFolder(folder, dir);
  await writeLayout(dir, { [first]: image });
  return { dir, layers: {} };
}
