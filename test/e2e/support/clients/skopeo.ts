import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.ts';
import type { Place, RegistryClient } from './client.ts';

/** skopeo copies between places and keeps nothing itself: what it "holds" is a folder for each image. */
export function startSkopeo({ dir, port, images }: Place): RegistryClient {
  mkdirSync(dir, { recursive: true });
  const folder = (image: string): string => join(dir, image.replace(/[/:]/g, '_'));
  const at = (image: string): string => `docker://127.0.0.1:${port}/${image}`;
  return {
    pull: (image) => {
      const to = folder(image);
      rmSync(to, { recursive: true, force: true });
      const from = ['--src-tls-verify=false', '--src-no-creds', at(image)];
      return run('skopeo', ['copy', ...from, `dir:${to}`]);
    },
    push: (local, image, login) => {
      const credentials = login === undefined ? ['--dest-no-creds'] : ['--dest-creds', login];
      const to = ['--dest-tls-verify=false', ...credentials];
      return run('skopeo', ['copy', ...to, images.layout(local), at(image)]);
    },
    holds: (image) => Promise.resolve(existsSync(join(folder(image), 'manifest.json'))),
    stop: () => Promise.resolve(),
  };
}
