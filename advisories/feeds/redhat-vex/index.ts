import { isPratiqueError, PratiqueError } from '../../../core/errors.ts';
import type { FeedDefinition, FeedRecord, LocalFile } from '../feed.ts';
import { unreadable } from '../feed-errors.ts';
import { readTar, type TarFile, type TarLimits } from '../tar.ts';
import { unpacked } from '../unpack.ts';
import { parseVex } from './parse.ts';

const folder = 'https://security.access.redhat.com/data/csaf/v2/vex/';
const what = 'a zstd file of CSAF VEX documents in a tar archive';

/** In 2026 the archive has some forty thousand documents of 0.7 MB on average; those of kernels have tens of MB. */
const tarLimits: TarLimits = { entries: 1_000_000, entryBytes: 96 * 1024 * 1024 };
const largest = 64 * 1024 * 1024 * 1024;

/** Everything that Red Hat says of CVEs in its products; what it says of RHEL is read. */
export const redHatVex: FeedDefinition = {
  name: 'redhat-vex',
  publisher: 'Red Hat',
  licence: 'CC-BY-4.0',
  async remote(ask) {
    const latest = `${folder}archive_latest.txt`;
    const name = (await ask(latest)).trim();
    if (!/^csaf_vex_\d{4}-\d{2}-\d{2}\.tar\.zst$/.test(name)) {
      throw new PratiqueError(
        'upstream-misbehaved',
        `${latest} names no archive but says ${JSON.stringify(name.slice(0, 60))}`,
        { url: latest },
      );
    }
    return [{ path: 'csaf_vex.tar.zst', url: `${folder}${name}` }];
  },
  read: readVex,
};

async function* readVex(files: readonly LocalFile[]): AsyncGenerator<FeedRecord> {
  for (const local of files) {
    const entries = readTar(unpacked(local, 'zstd', what, largest), tarLimits);
    let found = 0;
    for (;;) {
      const next = await entries.next().catch((error: unknown) => {
        throw isPratiqueError(error) ? error : unreadable(local, what, error);
      });
      if (next.done === true) break;
      if (!next.value.name.endsWith('.json')) continue;
      found++;
      yield* recordsOf(next.value);
    }
    if (found === 0) throw unreadable(local, what, new Error('it has no document'));
  }
}

function recordsOf(entry: TarFile): readonly FeedRecord[] {
  const { name } = entry;
  if ('rejected' in entry) return [{ kind: 'rejected', name, why: entry.rejected }];
  if (isOfNoUse(entry.bytes)) return [];
  let value: unknown;
  try {
    value = JSON.parse(entry.bytes.toString('utf8'));
  } catch (error) {
    return [{ kind: 'rejected', name, why: `it is no JSON (${String(error)})` }];
  }
  return parseVex(value, name);
}

const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Most documents are about layered products alone, and reading them takes long. One that is whole, names no release of
 * RHEL and was not deleted has nothing to say here.
 */
function isOfNoUse(bytes: Buffer): boolean {
  const end = bytes.subarray(-16).toString('latin1').trimEnd();
  if (bytes[0] !== openBrace || end.charCodeAt(end.length - 1) !== closeBrace) return false;
  return !['redhat:enterprise_linux:', 'redhat:rhel_els:', '"deleted"'].some((word) => bytes.includes(word));
}
