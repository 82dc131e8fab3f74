import { z } from 'zod';
import { parseDuration } from '../../policy/time.ts';
import { compilePattern, isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { defaultTagTimes, type TagTimes } from '../../vetting/tag-times.ts';
import { storageKeys } from './cache-schema.ts';
import { strict } from './strict.ts';

const timeText = 'a time such as 60s or 5m, or 0s';
const secondsPattern = /^(?:0|[1-9][0-9]{0,4})s$/;
const time = z
  .string({ error: timeText })
  .refine((value) => secondsPattern.test(value) || parseDuration(value) !== null, { error: timeText });
const someTime = time.refine((value) => value !== '0s', { error: 'a time such as 3s, above 0' });

/** How long what an upstream says of tags is gone by; keys of an upstream. */
export const tagKeys = {
  tagTtl: time.optional(),
  staleFor: time.optional(),
  staleAfter: someTime.optional(),
  missingTtl: time.optional(),
};

type TagKeys = { readonly [Key in keyof typeof tagKeys]?: z.infer<(typeof tagKeys)[Key]> };

export function buildTagTimes({ tagTtl, staleFor, staleAfter, missingTtl }: TagKeys): TagTimes {
  return {
    ttl: milliseconds(tagTtl, defaultTagTimes.ttl),
    staleFor: milliseconds(staleFor, defaultTagTimes.staleFor),
    staleAfter: milliseconds(staleAfter, defaultTagTimes.staleAfter),
    missingTtl: milliseconds(missingTtl, defaultTagTimes.missingTtl),
  };
}

function milliseconds(text: string | undefined, usual: number): number {
  return text === undefined ? usual : (parseDuration(text) ?? Number(text.slice(0, -1)) * 1000);
}

const mostPatterns = 500;
const immutableText =
  'REPOSITORY:TAG below hosted/, with * and ** for repositories and * in tags: hosted/**:v*';
const immutableTag = z.string({ error: immutableText }).refine((value) => parts(value) !== null, {
  error: immutableText,
});

/** What holds for repositories that live here. */
export const hostedSchema = strict({
  ...storageKeys,
  immutableTags: z
    .array(immutableTag, { error: `a list of ${immutableText}` })
    .max(mostPatterns, { error: `at most ${mostPatterns} patterns` })
    .default([]),
});

/** Whether a tag of a hosted repository (`hosted/team/app`) stays where it was put first. */
export type IsImmutable = (repository: string, tag: string) => boolean;

/** @param patterns as `hostedSchema` has let them through */
export function immutableTags(patterns: readonly string[]): IsImmutable {
  const compiled = patterns.flatMap((pattern) => {
    const [repository, tag] = parts(pattern) ?? [];
    if (repository === undefined || tag === undefined) return [];
    return [{ isRepository: compilePattern(repository), pieces: tag.split('*') }];
  });
  return (repository, tag) =>
    compiled.some(({ isRepository, pieces }) => isRepository(repository) && fits(tag, pieces));
}

function parts(pattern: string): readonly [string, string] | null {
  const colon = pattern.lastIndexOf(':');
  const repository = pattern.slice(0, Math.max(0, colon));
  const tag = pattern.slice(colon + 1);
  const isHosted = repository === '**' || repository.startsWith('hosted/');
  return isHosted && isRepositoryPattern(repository) && /^[A-Za-z0-9_.*-]{1,128}$/.test(tag)
    ? [repository, tag]
    : null;
}

/** Piece by piece from the left, the last one at the end: no backtracking. @param pieces what stands between stars */
function fits(tag: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return tag === first;
  if (!tag.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = tag.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return tag.length - last.length >= at && tag.endsWith(last);
}
