import type { z } from 'zod';
import type { Digest } from '../../core/digest.ts';
import type { ReplicaImages, ReplicaPage, ReplicaVerdict, VetAnswer, VetAsked } from '../../core/replica.ts';
import { misbehaved } from './client.ts';
import { readImages, readVerdicts, type Unread } from './unread.ts';
import { imagesSchema, pageSchema, vetSchema } from './wire.ts';

/**
 * What of an answer is believed: it has the shape, and it answers what was asked. Each throws PratiqueError
 * `proxy-misbehaved`, and then nothing of the answer counts. A single entry without the shape is refused instead (`unread`).
 */

/** With what of it could not be read. */
export type Believed<Answer> = Answer & { readonly unread: readonly Unread[] };

/** @param after the cursor that was asked for; @param now milliseconds since 1970 */
export function believePage(value: unknown, after: number, now: number): Believed<ReplicaPage> {
  const page = shaped(pageSchema, value, 'its page of changes');
  checkCursors(page, after, page.verdicts.length > 0 || page.forgotten.length > 0);
  const { values: verdicts, unread } = readVerdicts(page.verdicts, now);
  checkVerdicts(verdicts);
  return { ...page, verdicts, unread };
}

/** @param after the cursor that was asked for */
export function believeImages(value: unknown, after: number): Believed<ReplicaImages> {
  const page = shaped(imagesSchema, value, 'its page of images');
  checkCursors(page, after, page.images.length > 0 || page.gone.length > 0);
  const { values: images, unread } = readImages(page.images);
  return { ...page, images, unread };
}

/** @param now milliseconds since 1970 */
export function believeVet(value: unknown, asked: VetAsked, now: number): Believed<VetAnswer> {
  const said = shaped(vetSchema, value, 'its answer about an image');
  const images = readImages(said.image === null ? [] : [said.image]);
  // Of an image that cannot be read, and is refused, nobody can tell whose verdicts these are.
  const { verdicts: told, failures } = images.unread.length === 0 ? said : { verdicts: [], failures: [] };
  const verdicts = readVerdicts(told, now);
  const answer: Believed<VetAnswer> = {
    ...said,
    ...{ image: images.values[0] ?? null, verdicts: verdicts.values, failures },
    unread: [...images.unread, ...verdicts.unread],
  };
  checkVet(answer, asked);
  return answer;
}

function checkVet(answer: VetAnswer, asked: VetAsked): void {
  const { upstream, path, pointer } = asked;
  const told = answer.asked;
  if (told.upstream !== upstream || told.path !== path || told.pointer !== pointer) {
    throw misbehaved(
      `it was asked for ${upstream}/${path} ${pointer}, and answers for ${told.upstream}/${told.path} ${told.pointer}`,
    );
  }
  const { image } = answer;
  if (image === null) {
    if (answer.verdicts.length > 0 || answer.failures.length > 0)
      throw misbehaved('it tells verdicts of an image that it does not name');
    return;
  }
  if (answer.failure !== null) throw misbehaved('it names an image and says that there is none');
  if (image.repository.upstream !== upstream || image.repository.path !== path)
    throw misbehaved(`it answers with an image of ${image.repository.upstream}/${image.repository.path}`);
  if (pointer.includes(':') && image.digest !== pointer)
    throw misbehaved(`it was asked for ${pointer}, and answers for ${image.digest}`);
  if (image.platforms.length === 0 && image.unfit.length === 0)
    throw misbehaved('it names an image without a manifest');
  const platforms = new Set<Digest>(image.platforms.map(({ digest }) => digest));
  const other = [...answer.verdicts, ...answer.failures].find(({ digest }) => !platforms.has(digest));
  if (other !== undefined) throw misbehaved(`it tells of ${other.digest}, which was not asked for`);
  checkVerdicts(answer.verdicts);
}

function checkCursors(
  { cursor, last }: { readonly cursor: number; readonly last: number },
  after: number,
  isNews: boolean,
): void {
  if (cursor < after || last < cursor)
    throw misbehaved(`its cursor runs backwards: after ${after} it goes to ${cursor} of ${last}`);
  // Without a step the same would be read for ever.
  if (cursor === after && (isNews || last > cursor))
    throw misbehaved(`its cursor stands still: after ${after} it goes to ${cursor} of ${last}`);
}

function checkVerdicts(verdicts: readonly ReplicaVerdict[]): void {
  const seen = new Set<string>();
  for (const { digest, policy, verdict } of verdicts) {
    if (verdict.policy !== policy)
      throw misbehaved(`it tells a verdict of the policy ${verdict.policy} as one of ${policy}`);
    const key = `${digest} ${policy}`;
    if (seen.has(key)) throw misbehaved(`it tells two verdicts of ${digest} by the policy ${policy}`);
    seen.add(key);
  }
}

function shaped<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw misbehaved(`${what} cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
