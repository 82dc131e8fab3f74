import { join } from 'node:path';
import type { Package } from '../../../../core/inventory.ts';
import { must } from '../../../../test/e2e/support/run.ts';
import { isBelow, type Listed, type PackageList } from '../listed.ts';

/** As npm writes them; of the project itself the location is empty. */
interface NpmNode {
  readonly name: string;
  readonly version: string;
  readonly location: string;
}

/**
 * All packages below a project's `node_modules`, by `npm query "*"`: like `npm ls --all` it reads the tree as it lies on the disk,
 * and it names each place once. For a folder of global packages name the folder that holds `node_modules`.
 */
export const npm: PackageList = {
  name: 'npm',
  source: 'npm query "*" in the project',
  async read(root, folder) {
    const text = await must('npm', ['query', '*'], { cwd: join(root, folder) });
    const nodes = JSON.parse(text) as readonly NpmNode[];
    return nodes
      .filter(({ location }) => location !== '')
      .map(({ name, version, location }) => ({
        type: 'npm',
        name,
        version: version ?? '',
        detail: '',
        place: join(folder, location),
      }));
  },
  ours: (packages, folder) => npmPackages(packages, folder),
};

function npmPackages(packages: readonly Package[], folder: string): Listed[] {
  return packages
    .filter((one) => one.type === 'npm')
    .flatMap(({ name, version, paths }) =>
      paths
        .filter((path) => isBelow(path, join(folder, 'node_modules')))
        .map((path) => ({
          type: 'npm',
          name,
          version,
          detail: '',
          place: path.replace(/\/package\.json$/, ''),
        })),
    );
}
