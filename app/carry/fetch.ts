import { join } from 'node:path';
import { z } from 'zod';
import { isPratiqueError } from '../../core/errors.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { keptFolderOf } from '../../db/advisories-history.ts';
import { readIfThere, writeDurably } from '../../db/durable-files.ts';
import type { OciPlace } from './oci-place.ts';
import type { BytesDone } from './pack.ts';
import { withExport } from './registry.ts';
import { type TakeInOptions, type TakenIn, takeIn } from './take-in.ts';

export interface FetchOptions extends TakeInOptions {
  readonly onDownload: BytesDone;
  /** Whether a tag that still means what was taken from it the last time is left at that. */
  readonly onlyChanged: boolean;
}

/** What came of it; null: the tag means what was taken from it, and that is in force. */
export type Fetched = { readonly digest: string; readonly taken: TakenIn | null };

/**
 * Puts the export that a registry has in force.
 * @throws PratiqueError those of `withExport` and `takeIn`
 */
export function fetchExport(place: OciPlace, options: FetchOptions): Promise<Fetched> {
  const { file, onDownload } = options;
  return withExport(place, onDownload, async ({ digest, bytes }) => {
    if (options.onlyChanged) {
      const origin = readOrigin(file);
      const same = origin?.place === place.text && origin.digest === digest;
      if (same && origin.revision === revisionInForce(file)) return { digest, taken: null };
    }
    const where = place.reference.digest === null ? `${place.text} (${digest})` : place.text;
    const taken = await takeIn({ where, bytes }, options);
    writeOrigin(file, { place: place.text, digest, revision: taken.revision });
    return { digest, taken };
  });
}

const originSchema = z.object({ place: z.string(), digest: z.string(), revision: z.string() });
type Origin = z.infer<typeof originSchema>;

const originOf = (file: string): string => join(keptFolderOf(file), 'origin.json');

/** What was taken from where the last time; null where nobody knows, and then it is taken again. */
function readOrigin(file: string): Origin | null {
  const text = readIfThere(originOf(file));
  if (text === null) return null;
  try {
    return originSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function writeOrigin(file: string, origin: Origin): void {
  writeDurably(originOf(file), `${JSON.stringify(origin)}\n`);
}

function revisionInForce(file: string): string | null {
  try {
    const index = openAdvisoryIndex(file);
    const { revision } = index;
    index.close();
    return revision;
  } catch (error) {
    if (isPratiqueError(error)) return null;
    throw error;
  }
}
