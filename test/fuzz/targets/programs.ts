import { elf, goProgram, note, oldRecord } from '../../../scanner/catalogers/golang/samples.ts';
import { crateList, packed } from '../../../scanner/catalogers/rust/samples.ts';
import { probeOf } from '../../../scanner/programs.ts';
import type { Input, Target } from '../target.ts';
import { factsText } from './facts.ts';

const program = (bytes: Buffer): Input => ({ path: 'usr/local/bin/app', bytes });

/**
 * Sizes of the parts in which a program comes. Whether all is found, and then what, must not depend on them; where it is
 * not, it is told, and how much of the rest is read may depend on where a bound was met.
 */
const parts = [64 * 1024, 1000];

/** What every prober finds in a program. */
export const programTarget: Target = {
  name: 'programs',
  words: ['\u007fELF', '\xff Go buildinf:', 'go1.21', 'dep\t', 'mod\t', '=>\t', '.dep-v0', '\x78\x9c'],
  seeds: () => [
    program(goProgram('go1.21.0', 'example.org/main@v1.0.0', 'github.com/a/b@v1.2.3', 'c@v1 => d@v2')),
    program(elf(oldRecord(8, false))),
    program(elf(note('LE'))),
    program(elf(crateList('tool 1.0.0', 'memchr 2.4.1', 'cc 1.0.0 build'))),
    program(elf(packed('{"packages":[{"name":"a","version":"1.0.0"}]}', 0))),
    ...['node', 'python3.11', 'nginx', 'libssl.so.3', 'redis-server', 'mysqld'].map((name) => ({
      path: `usr/local/bin/${name}`,
      bytes: elf(
        Buffer.from(
          'node.js/v20.1.0\0\x003.11.4\0nginx version: openresty/1.21.4.1\0OpenSSL 3.0.13 30 Jan 2024\0' +
            '7.0.14buildkitsandbox-1702957741000000000\x0010.6.15-MariaDB\0',
          'latin1',
        ),
      ),
    })),
  ],
  run: (input) => {
    const [one, other] = parts.map((size) => told(input, size));
    if (one === undefined || other === undefined) throw new Error('nothing was told');
    if (one.found !== other.found)
      throw new Error(`what is found depends on the parts: ${one.text} and ${other.text}`);
    return one.text;
  },
};

/** `found`: the packages, where they are all. */
function told({ path, bytes }: Input, size: number): { readonly found: string; readonly text: string } {
  const probe = probeOf(path, false);
  for (let at = 0; at < bytes.length; at += size) if (!probe.part(bytes.subarray(at, at + size))) break;
  const facts = probe.end();
  if (facts === null || facts === 'program') return { found: String(facts), text: String(facts) };
  const { packages, incomplete } = facts;
  return { found: incomplete.length > 0 ? 'not all' : JSON.stringify(packages), text: factsText(facts) };
}
