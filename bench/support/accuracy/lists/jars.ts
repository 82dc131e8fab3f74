import { readdir, readlink, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { must } from '../../../../test/e2e/support/run.ts';
import { isBelow, type Listed, type PackageList } from '../listed.ts';

const descriptor = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;

/** What Maven wrote into each archive, read with unzip; archives in archives are not opened. */
export const jars: PackageList = {
  name: 'jars',
  source: 'unzip -Z1 and unzip -p of pom.properties in every jar',
  async read(root, folder) {
    const files = (await filesBelow(join(root, folder))).filter((path) => /\.(?:jar|war|ear)$/.test(path));
    const listed: Listed[] = [];
    for (const file of files) {
      const names = (await must('unzip', ['-Z1', file])).split('\n').filter((name) => descriptor.test(name));
      for (const name of names) {
        const text = await must('unzip', ['-p', file, name.replaceAll(/[[\]*?]/g, '[$&]')]);
        const value = (key: string): string => new RegExp(`^${key}=(.*?)\\s*$`, 'm').exec(text)?.[1] ?? '';
        listed.push({
          type: 'maven',
          name: `${value('groupId')}:${value('artifactId')}`,
          version: value('version'),
          detail: '',
          place: relative(root, file),
        });
      }
    }
    return listed;
  },
  ours: (packages, folder) => archives(packages, folder),
};

/** The note of a jar without any. */
export const noClasses = 'no classes';

/**
 * What Debian says that its jars are: `maven-repo/org/slf4j/slf4j-api/1.7.32/slf4j-api-1.7.32.jar` is a link to the
 * file. Links under the versions `debian` and `3.x` repeat those under the real one.
 */
export const mavenRepo: PackageList = {
  name: 'maven-repo',
  source: "Debian's usr/share/maven-repo, which names the coordinates of a jar",
  async read(root) {
    const top = join(root, 'usr/share/maven-repo');
    const listed: Listed[] = [];
    const real = await realpath(root);
    for (const file of await filesBelow(top, true)) {
      const parts = relative(top, file).split('/');
      const version = parts.at(-2) ?? '';
      if (!file.endsWith('.jar') || version === 'debian' || /(?:^|\.)x$/.test(version)) continue;
      const place = relative(real, await realpath(file));
      if (place.startsWith('..'))
        throw new Error(`${file} leads out of the root, to ${await readlink(file)}`);
      const names = (await must('unzip', ['-Z1', file])).split('\n');
      const note = names.some((one) => one.endsWith('.class')) ? '' : noClasses;
      const name = `${parts.slice(0, -3).join('.')}:${parts.at(-3) ?? ''}`;
      listed.push({ type: 'maven', name, version, detail: '', place, note });
    }
    return listed;
  },
  ours: (packages) => archives(packages, 'usr/share'),
};

function archives(packages: Parameters<PackageList['ours']>[0], folder: string): Listed[] {
  return packages
    .filter((one) => one.type === 'maven')
    .flatMap(({ name, version, paths }) =>
      paths
        .filter((path) => isBelow(path, folder))
        .map((place) => ({ type: 'maven' as const, name, version, detail: '', place })),
    );
}

/** Files, and links to files where they are asked for; links to folders are not followed. */
async function filesBelow(folder: string, links = false): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() || (links && entry.isSymbolicLink()))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
