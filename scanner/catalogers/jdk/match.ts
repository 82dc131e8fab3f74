import type { Interest } from '../cataloger.ts';

/** It lists the modules of a runtime, in one line. */
const largest = 256 * 1024;
const interest: Interest = { kind: 'content', limit: largest, orFolder: true };
/** Folders of Java runtimes; a file of this name elsewhere is somebody else's. */
const folder =
  /(?:^|\/)[^/]*(?:jdk|jre|java|jvm|graalvm|zulu|corretto|temurin|semeru|liberica)[^/]*(?:\/[^/]+)?\/release$/i;

/** The file that tells a Java runtime's version, at its top. */
export function matchJdk(path: string): Interest | null {
  return path.endsWith('/release') && folder.test(path) ? interest : null;
}
