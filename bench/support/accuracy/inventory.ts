import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Incomplete, OperatingSystem, Package } from '../../../core/inventory.ts';
import { writeOsvDirectory } from '../../../test/support/osv.ts';
import { runCli } from '../../../test/support/pratique.ts';

/** What `pratique scan --format json` told. */
export interface Scanned {
  readonly os: OperatingSystem | null;
  readonly packages: readonly Package[];
  readonly incomplete: readonly Incomplete[];
  readonly seconds: number;
}

/** A data folder with some advisory: without any the scanner looks at nothing. @returns it */
export async function dataFolder(dir: string): Promise<string> {
  const data = join(dir, 'data');
  const record = {
    id: 'ACCURACY-1',
    modified: '2026-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'no-such-package' }, versions: ['1.0.0'] }],
  };
  await writeOsvDirectory(join(dir, 'osv'), { npm: [record] });
  await mustScan(['advisories', 'update', '--from', join(dir, 'osv'), '--data', data], [0]);
  return data;
}

/** @param target `rootfs:DIR` or `oci:DIR` @throws Error where there is no inventory */
export async function scanned(target: string, data: string): Promise<Scanned> {
  const started = performance.now();
  // Whatever the verdict is: pass, fail, or no verdict for want of advisories.
  const out = await mustScan(['scan', target, '--format', 'json', '--data', data], [0, 1, 3]);
  const { os, packages, incomplete } = JSON.parse(out) as Omit<Scanned, 'seconds'>;
  return { os, packages, incomplete, seconds: (performance.now() - started) / 1000 };
}

async function mustScan(args: readonly string[], codes: readonly number[]): Promise<string> {
  const { code, out, err } = await runCli(args);
  if (!codes.includes(code) || out === '')
    throw new Error(`pratique ${args.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/** Writes an OCI image layout (image-layout specification) with one layer that holds all of a root filesystem. */
export async function layoutOf(root: string, dir: string): Promise<void> {
  const blobs = join(dir, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layer = join(dir, 'layer');
  const diffId = createHash('sha256');
  const tar = spawn('tar', ['--numeric-owner', '--sort=name', '-C', root, '-cf', '-', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  tar.stdout.on('data', (bytes: Buffer) => diffId.update(bytes));
  await pipeline(tar.stdout, createGzip({ level: 1 }), createWriteStream(layer));
  const packed = createHash('sha256');
  await pipeline(createReadStream(layer), packed);
  const layerDigest = packed.digest('hex');
  const { size } = await stat(layer);
  await rename(layer, join(blobs, layerDigest));
  const put = async (value: unknown): Promise<{ digest: string; size: number }> => {
    const bytes = Buffer.from(JSON.stringify(value));
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const config = await put({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffId.digest('hex')}`] },
  });
  const type = 'application/vnd.oci.image';
  const manifest = await put({
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...config },
    layers: [{ mediaType: `${type}.layer.v1.tar+gzip`, digest: `sha256:${layerDigest}`, size }],
  });
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const entry = { mediaType: `${type}.manifest.v1+json`, ...manifest };
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}
