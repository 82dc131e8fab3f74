import { licenseNames } from '../license-names.ts';
import { linesOf } from '../lines.ts';
import { literalsOf } from './literals.ts';

/** What a specification says; null: nothing that can be read without running it. */
export interface Specification {
  readonly name: string | null;
  readonly version: string | null;
  readonly platform: string | null;
  readonly licenses: readonly string[];
}

/** One assignment on a line of its own, as `Gem::Specification#to_ruby` writes it. */
const assignment = /^\s*[a-z_]\w{0,40}\.(name|version|platform|licenses?)\s*=(?![=~])/;
/** `# stub: NAME VERSION PLATFORM PATHS`, by which RubyGems knows a gem before it runs its specification. */
const stub = /^# stub: (\S+) (\S+) (\S+) /;
const longestLine = 64 * 1024;
const mostLicenses = 20;

/** Reads a specification without running it, line by line; of several assignments the last counts, as in Ruby. */
export function specificationOf(content: Buffer): Specification {
  const told = new Map<string, readonly string[]>();
  let stubbed: readonly string[] = [];
  for (const line of linesOf(content)) {
    if (line.length > longestLine) continue;
    if (line.startsWith('# stub: ')) stubbed = stub.exec(line)?.slice(1) ?? stubbed;
    const match = assignment.exec(line);
    if (match?.[1] === undefined) continue;
    const texts: string[] = [];
    for (const text of literalsOf(line.slice(match[0].length))) {
      // What is only known when it is run is no word on it.
      if (text !== null && texts.length < mostLicenses) texts.push(text);
    }
    told.set(match[1], texts);
  }
  const [stubName = null, stubVersion = null, stubPlatform = null] = stubbed;
  return {
    name: told.get('name')?.[0] ?? stubName,
    version: told.get('version')?.[0] ?? stubVersion,
    platform: told.get('platform')?.[0] ?? stubPlatform,
    licenses: licenseNames(told.get('licenses') ?? told.get('license') ?? []),
  };
}
