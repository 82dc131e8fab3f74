import { z } from 'zod';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

const secret = { secretFile: text.optional(), secretEnv: text.optional() };
const oneSecret = (value: {
  readonly secretFile?: string | undefined;
  readonly secretEnv?: string | undefined;
}): boolean => (value.secretFile === undefined) !== (value.secretEnv === undefined);
const either = 'exactly one of secretFile, secretEnv';

/** A secret that is not in the file itself. */
export const secretSchema = strict(secret).refine(oneSecret, { error: either });

/** How one program shows another of Harbor's scanner API who it is. */
export const loginSchema = z.union(
  [
    z.literal('none'),
    strict({
      type: z.literal('basic'),
      username: text.regex(/^[^:\p{Cc}]+$/u, { error: 'a name without a colon' }),
      ...secret,
    }).refine(oneSecret, { error: either }),
    strict({ type: z.literal('bearer'), ...secret }).refine(oneSecret, { error: either }),
    strict({ type: z.literal('apiKey'), ...secret }).refine(oneSecret, { error: either }),
  ],
  {
    error:
      'none, or a map with type basic (and username), bearer or apiKey and exactly one of secretFile, secretEnv',
  },
);

export type LoginFile = z.infer<typeof loginSchema>;

/** With its secret in place of where that is to be had. */
export type Login =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly key: string };

export function loginOf(file: LoginFile, secretOf: (source: Exclude<LoginFile, 'none'>) => string): Login {
  if (file === 'none') return { kind: 'none' };
  const secret = secretOf(file);
  switch (file.type) {
    case 'basic':
      return { kind: 'basic', username: file.username, password: secret };
    case 'bearer':
      return { kind: 'bearer', token: secret };
    case 'apiKey':
      return { kind: 'api-key', key: secret };
  }
}
