import { must } from '../../../../test/e2e/support/run.ts';
import { isBelow, type Listed, type PackageList, rowsOf } from '../listed.ts';

/** Every installed project on the interpreter's path, and where its metadata lies. */
const script = `
import importlib.metadata as metadata
for one in metadata.distributions():
    print(one.metadata["Name"], one.version, str(one._path), sep="\\t")
`;

/** The root's own Python, so the root has to be one for this machine. `folder`: an environment's, with bin/python3. */
export const python: PackageList = {
  name: 'python',
  source: "importlib.metadata of the root's Python, which pip list goes by",
  async read(root, folder) {
    const program = folder === '' ? 'python3' : `/${folder}/bin/python3`;
    const text = await must('chroot', [root, program, '-c', script], { cwd: '/', env: plain });
    return rowsOf(text, 3).map(([name = '', version = '', path = '']) => ({
      type: 'pypi',
      name,
      version,
      detail: '',
      place: path.replace(/^\//, ''),
    }));
  },
  ours: (packages, folder) =>
    packages
      .filter((one) => one.type === 'pypi')
      .flatMap(({ name, version, paths }): Listed[] =>
        paths
          .filter((path) => isBelow(path, folder))
          .map((path) => ({ type: 'pypi', name, version, detail: '', place: folderOf(path) })),
      ),
};

const plain = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

/** Of the file of metadata that tells a project. */
function folderOf(path: string): string {
  return path.replace(/\/(?:METADATA|PKG-INFO)$/i, '');
}
