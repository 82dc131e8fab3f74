import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OtherScanner, ScannerReport } from '../../core/ports/scanner.ts';
import { environmentOf, inFolder, runProgram } from '../program.ts';
import type { ScannerBounds } from '../scanner.ts';
import type { GrypeSettings } from '../settings.ts';
import { parseGrype } from './parse.ts';

/** Say where advisories come from, and nothing of what is told. */
const ownVariables = [
  'GRYPE_DB_CACHE_DIR',
  'GRYPE_DB_UPDATE_URL',
  'GRYPE_DB_CA_CERT',
  'GRYPE_DB_AUTO_UPDATE',
  'GRYPE_DB_VALIDATE_BY_HASH_ON_START',
];

/** Instead of one in the home folder, which may hold rules that leave findings out. */
const configuration = 'check-for-app-update: false\n';

/** Grype's program. */
export function createGrype({ command }: GrypeSettings, bounds: ScannerBounds): OtherScanner {
  return {
    name: 'grype',
    scan: (pull, signal) =>
      inFolder(bounds.folder, async (folder): Promise<ScannerReport> => {
        const { host, protocol } = new URL(pull.registry);
        const config = join(folder, 'grype.yaml');
        await writeFile(config, configuration, { mode: 0o600 });
        const report = await runProgram({
          command,
          setting: 'scanner.grype.command',
          args: [
            `registry:${host}/${pull.repository}@${pull.digest}`,
            '--output',
            'json',
            '--quiet',
            '--config',
            config,
          ],
          env: environmentOf(bounds.env, ownVariables, {
            TMPDIR: folder,
            GRYPE_REGISTRY_AUTH_AUTHORITY: host,
            GRYPE_REGISTRY_AUTH_USERNAME: pull.username,
            GRYPE_REGISTRY_AUTH_PASSWORD: pull.password,
            ...(protocol === 'http:' ? { GRYPE_REGISTRY_INSECURE_USE_HTTP: 'true' } : {}),
          }),
          cwd: folder,
          timeout: bounds.timeout,
          secrets: [pull.password],
          ...(signal === undefined ? {} : { signal }),
        });
        return parseGrype(report, pull.digest);
      }),
  };
}
