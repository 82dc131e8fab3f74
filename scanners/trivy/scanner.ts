import type { ImagePull, OtherScanner, ScannerReport } from '../../core/ports/scanner.ts';
import { environmentOf, inFolder, runProgram } from '../program.ts';
import type { ScannerBounds } from '../scanner.ts';
import type { TrivySettings } from '../settings.ts';
import { parseTrivy, parseTrivyVersion, type TrivyVersion } from './parse.ts';
import { askVersion } from './server.ts';

/** Say where advisories come from, and nothing of what is told. */
const ownVariables = [
  'TRIVY_CACHE_DIR',
  'TRIVY_DB_REPOSITORY',
  'TRIVY_JAVA_DB_REPOSITORY',
  'TRIVY_SKIP_DB_UPDATE',
  'TRIVY_SKIP_JAVA_DB_UPDATE',
  'TRIVY_OFFLINE_SCAN',
];

/** Trivy's program, with advisories of its own or of a server (`trivy server`), which gets packages and no image. */
export function createTrivy(settings: TrivySettings, bounds: ScannerBounds): OtherScanner {
  const { command, server, serverToken } = settings;
  return {
    name: 'trivy',
    scan: (pull, signal) =>
      inFolder(bounds.folder, async (folder): Promise<ScannerReport> => {
        const image = `${new URL(pull.registry).host}/${pull.repository}@${pull.digest}`;
        const run = (args: readonly string[], more: Readonly<Record<string, string>>): Promise<Buffer> =>
          runProgram({
            command,
            setting: 'scanner.trivy.command',
            args,
            env: environmentOf(bounds.env, ownVariables, { TMPDIR: folder, ...more }),
            cwd: folder,
            timeout: bounds.timeout,
            secrets: [pull.password, serverToken ?? ''],
            ...(signal === undefined ? {} : { signal }),
          });
        const report = await run(imageArgs(pull, image, server, bounds.timeout), {
          TRIVY_USERNAME: pull.username,
          TRIVY_PASSWORD: pull.password,
          ...(serverToken === null ? {} : { TRIVY_TOKEN: serverToken }),
        });
        // After it, because the first scan is what brings the advisories.
        const program: TrivyVersion =
          server === null
            ? parseTrivyVersion(await run(['version', '--format', 'json'], {}))
            : await askVersion(server, serverToken, bounds);
        return parseTrivy(report, image, program);
      }),
  };
}

function imageArgs(
  pull: ImagePull,
  image: string,
  server: string | null,
  timeout: number,
): readonly string[] {
  return [
    'image',
    '--format',
    'json',
    '--quiet',
    '--scanners',
    'vuln',
    // Which packages it has looked at is what tells clean from unseen.
    '--list-all-pkgs',
    // Never an image of a daemon on this machine that has the same name.
    '--image-src',
    'remote',
    '--timeout',
    `${Math.ceil(timeout / 1000)}s`,
    ...(pull.registry.startsWith('http:') ? ['--insecure'] : []),
    ...(server === null ? [] : ['--server', server]),
    image,
  ];
}
