import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { isOci, type OciPlace, ociPlace } from '../carry/oci-place.ts';
import { packAdvisories } from '../carry/pack.ts';
import { pushExport } from '../carry/registry.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { type OciFlags, ociAccess } from './oci-flags.ts';
import { bytesProgress } from './progress.ts';

export interface AdvisoriesExportOptions extends OciFlags {
  /** A file, or `oci://…`. */
  readonly to: string;
  readonly sources: ConfigSources;
}

/**
 * `pratique advisories export`: what is in force, to a file or to a registry.
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`, `data-unusable`, `usage-invalid`, `upstream-…`
 */
export async function exportAdvisories(options: AdvisoriesExportOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const paths = dataPaths(config.data);
  const place = isOci(options.to)
    ? ociPlace(options.to, await ociAccess(options, config, options.sources))
    : null;
  if (place !== null && place.reference.digest !== null) {
    throw new PratiqueError(
      'usage-invalid',
      `"${options.to}" names a digest: what is pushed has one of its own`,
    );
  }
  const progress = bytesProgress(console);
  try {
    if (place !== null) return await toRegistry(place, paths.root, paths.advisories, progress, console);
    const packed = await packAdvisories(paths.advisories, resolve(options.to), progress.show('packing'));
    progress.clear();
    console.out(
      `revision ${packed.revision}, made ${packed.header.created}, in ${options.to} (${packed.bytes} bytes, ${packed.digest})`,
    );
    return exitCodes.ok;
  } finally {
    progress.clear();
  }
}

async function toRegistry(
  place: OciPlace,
  root: string,
  advisories: string,
  progress: ReturnType<typeof bytesProgress>,
  console: Console,
): Promise<number> {
  const folder = temporaryFolder(join(root, 'downloads'));
  try {
    const file = join(folder, 'export');
    const packed = await packAdvisories(advisories, file, progress.show('packing'));
    const digest = await pushExport(place, file, packed, progress.show('pushing'));
    progress.clear();
    console.out(
      [
        `revision ${packed.revision}, made ${packed.header.created}, in ${place.text} (${packed.bytes} bytes)`,
        `to import exactly this: ${place.text}@${digest}`,
      ].join('\n'),
    );
    return exitCodes.ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(parent: string): string {
  try {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, 'export-'));
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `${parent} cannot be written: ${errorText(error)}`,
      { parent },
      error,
    );
  }
}
