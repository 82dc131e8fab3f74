import { z } from 'zod';
import { imagePatternFault } from './image-pattern.ts';
import { listOf } from './text.ts';

/**
 * Parts of the schemas of policy files and policy sets. Every schema's error message is the text after "allowed" in a
 * problem: what may stand there, never what was found (problems.ts adds that).
 */

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: listOf(values) });

export const text = (longest: number, what = 'a text') =>
  z
    .string({ error: `${what} of 1 to ${longest} characters` })
    .refine((value) => value.trim() !== '' && value.length <= longest, {
      error: `${what} of 1 to ${longest} characters`,
    });

export const list = <T extends z.ZodType>(item: T, most: number, what: string) => {
  const allowed = `a list of 1 to ${most} ${what}`;
  return z.array(item, { error: allowed }).min(1, { error: allowed }).max(most, { error: allowed });
};

export const many = <T extends z.ZodType>(item: T, most: number) =>
  z.array(item, { error: `a list of at most ${most}` }).max(most, { error: `a list of at most ${most}` });

/** A map that refuses keys it does not know, and names those it does. */
export const map = <T extends z.ZodRawShape>(shape: T, what = 'a map') => {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? keys.join(', ') : `${what} of ${keys.join(', ')}`,
  });
};

/** The version of a file's format. */
export const formatVersion = z.literal(1, {
  error: ({ input }) => (typeof input === 'string' ? '1, a number, without quotes' : '1'),
});
export const trueOrFalse = z.boolean({ error: 'true or false' });
export const onlyTrue = z.literal(true, { error: 'true, or leave it out' });

const idText = 'an id of small letters, digits and dashes, at most 63 characters';
export const idShape = z.string({ error: idText }).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: idText });

export const imagePattern = z
  .string({ error: 'a repository with its registry, such as docker.io/library/*' })
  .refine((value) => imagePatternFault(value) === null, {
    error: 'a repository with its registry, such as docker.io/library/* (** stands for several components)',
  });
