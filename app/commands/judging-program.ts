import { type Command, Option } from 'commander';
import { type OtherScannerName, otherScanners } from '../../core/ports/scanner.ts';
import { type ScanFormat, scanFormats } from '../report/scan-document.ts';
import { type AskerFlags, addAskerOptions } from './asker.ts';
import {
  collect,
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

/** Loaded when they are called for. */
const commands = {
  scan: () => import('./scan.ts'),
  verdict: () => import('./verdict.ts'),
};

interface JudgingFlags extends PlaceFlags {
  readonly policy?: string;
  readonly format: Format;
}

interface ScanFlags extends Omit<JudgingFlags, 'format'> {
  readonly format: ScanFormat;
  readonly output?: string;
  readonly all?: true;
  readonly byLayer?: true;
  readonly vulnerabilities?: true;
  readonly platform?: string;
  readonly vex?: readonly string[];
  readonly compare?: OtherScannerName;
}

const policyText = "judge by this policy, policy set or ready policy instead of the configuration's";

/** `pratique scan` and `pratique verdict`. */
export function addJudgingCommands(program: Command, surroundings: Surroundings): void {
  const { console, judging, sourcesOf } = runnerOf(surroundings);
  place(program.command('scan <target>'))
    .description(
      'inspect and judge, as the gate ci: an image reference, oci:DIR[:TAG], docker-archive:FILE[:NAME], oci-archive:FILE[:NAME], rootfs:DIR or sbom:FILE',
    )
    .addOption(new Option('--format <format>', 'how to print').choices(scanFormats).default('table'))
    .option('--output <file>', 'write to this file instead, whole or not at all')
    .option('--all', 'all lines of the table, however many')
    .option('--by-layer', 'with a table of the layers: what each brought, and which step made it')
    .option('--vulnerabilities', 'with --format cyclonedx: what was found too')
    .option('--policy <file>', policyText)
    .option('--platform <platform>', 'this platform of an index only, such as linux/arm64')
    .addOption(
      new Option('--compare <scanner>', 'tell where another scanner agrees and where not').choices(
        otherScanners,
      ),
    )
    .option('--vex <file>', 'believe this OpenVEX or CSAF document too (again for each)', collect)
    .action((target: string, flags: ScanFlags) =>
      judging(async () =>
        (await commands.scan()).scan(
          {
            target,
            format: flags.format,
            output: flags.output ?? null,
            all: flags.all === true,
            byLayer: flags.byLayer === true,
            vulnerabilities: flags.vulnerabilities === true,
            policy: flags.policy ?? null,
            platform: flags.platform ?? null,
            vex: flags.vex ?? [],
            compare: flags.compare ?? null,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
  addAskerOptions(place(program.command('verdict <image>')))
    .description('what is said now of an image (or digest) that the proxy has seen; needs no network')
    .addOption(formatOption())
    .option('--policy <file>', policyText)
    .action((image: string, flags: JudgingFlags & AskerFlags) =>
      judging(async () =>
        (await commands.verdict()).showVerdict(
          {
            image,
            format: flags.format,
            policy: flags.policy ?? null,
            asker: flags,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
}
