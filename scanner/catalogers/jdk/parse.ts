import { javaVersion } from '../binaries/table.ts';
import { type FileFacts, noFacts } from '../cataloger.ts';
import { linesOf } from '../lines.ts';

/**
 * `JAVA_VERSION="17.0.10"`, among lines like it (JEP 223 and the builds of OpenJDK). A file without it is no runtime's, and
 * tells nothing: the virtual machine tells its version itself.
 */
export function parseJdk(_path: string, content: Buffer): FileFacts {
  for (const line of linesOf(content)) {
    const version = /^JAVA_VERSION="?([0-9][0-9._]{0,40})"?\s*$/.exec(line)?.[1];
    if (version === undefined) continue;
    const written = javaVersion(version);
    const source = { name: 'java', version: written };
    return {
      packages: [{ type: 'generic', name: 'java', version: written, arch: null, source, licenses: [] }],
      os: null,
      incomplete: [],
    };
  }
  return noFacts;
}
