import type { Interest } from '../cataloger.ts';

/** Archives that Java and its servers load, in any case of letters. */
const archive = /\.(?:jar|war|ear|par|jpi|hpi|sar|nar|kar|aar|lpkg)$/i;
/** Connectors lie in other archives; as a file of its own it is what another packer makes. */
const connector = /\.rar$/i;
const libraryPlace = /(?:^|\/)(?:BOOT-INF\/lib|WEB-INF\/lib(?:-provided)?)\/./;
/** What Maven leaves in an archive; also where one was unpacked. */
const descriptor = /(?:^|\/)META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.(?:properties|xml)$/;

/** One at a time is held in memory. */
const largestArchive = 256 * 1024 ** 2;
export const largestDescriptor = 64 * 1024;

/** Servers also deploy folders of these names. */
const readArchive: Interest = { kind: 'content', limit: largestArchive, orFolder: true };

export function matchJava(path: string): Interest | null {
  if (isArchive(path) || isAmongLibraries(path)) return readArchive;
  return path.endsWith('/pom.properties') && descriptor.test(path)
    ? { kind: 'content', limit: largestDescriptor }
    : null;
}

export function isArchive(name: string): boolean {
  return archive.test(name);
}

/** Of an entry of an archive. */
export function isNestedArchive(name: string): boolean {
  return archive.test(name) || connector.test(name);
}

/** Where Spring Boot's launchers take every file for an archive, whatever it is called; also where it was unpacked. */
export function isAmongLibraries(name: string): boolean {
  return name.includes('-INF/lib') && libraryPlace.test(name);
}

/** Group and artifact in the path of a `pom.properties` or `pom.xml`; null for any other path. */
export function placeOfDescriptor(
  path: string,
): { readonly group: string; readonly artifact: string } | null {
  const match = descriptor.exec(path);
  return match?.[1] === undefined || match[2] === undefined ? null : { group: match[1], artifact: match[2] };
}
