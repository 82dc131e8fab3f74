import { must } from '../../../../test/e2e/support/run.ts';
import { isBelow, type PackageList, rowsOf } from '../listed.ts';

const script =
  'Gem::Specification.each { |s| puts [s.name, s.version, File.realpath(s.loaded_from)].join("\\t") }';

/** What RubyGems of the root itself lists (`gem list`), with the file of each, Ruby's own default gems among them. */
export const gems: PackageList = {
  name: 'gems',
  source: "Gem::Specification of the root's Ruby, which gem list goes by",
  async read(root) {
    const text = await must('chroot', [root, 'ruby', '-e', script], { cwd: '/', env: plain });
    return rowsOf(text, 3).map(([name = '', version = '', path = '']) => ({
      type: 'gem',
      name,
      version,
      detail: '',
      place: path.replace(/^\//, ''),
    }));
  },
  ours: (packages, folder) =>
    packages
      .filter((one) => one.type === 'gem')
      .flatMap(({ name, version, paths }) =>
        paths
          .filter((path) => isBelow(path, folder))
          .map((place) => ({ type: 'gem' as const, name, version, detail: '', place })),
      ),
};

const plain = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };
