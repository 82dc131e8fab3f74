import { z } from 'zod';
import { actions, anonymous } from '../../proxy/auth/access.ts';
import { isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { strict } from './strict.ts';

const mostRules = 500;
const mostNames = 500;
const tokenPath = '/auth/token';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const userName = z
  .string({ error: 'a user name, "*" or "anonymous"' })
  .regex(/^[^\p{Cc}:]{1,255}$/u, { error: 'a user name, "*" or "anonymous"' });
const pattern = z
  .string({ error: 'a pattern of repository names such as hosted/team-a/**' })
  .refine(isRepositoryPattern, { error: 'a pattern of repository names such as hosted/team-a/**' });
const some = <Item extends z.ZodType>(item: Item, what: string, most: number) =>
  z
    .array(item, { error: `a list of ${what}` })
    .min(1, { error: `a list of ${what} that is not empty` })
    .max(most, { error: `at most ${most} ${what}` });

const rule = strict({
  users: some(userName, 'user names', mostNames),
  repositories: some(pattern, 'repository patterns', mostNames),
  actions: some(z.enum(actions, { error: actions.join(', ') }), 'actions', actions.length),
}).refine((value) => !value.users.includes(anonymous) || value.actions.every((action) => action === 'pull'), {
  error: 'pull alone for "anonymous": who pushes or deletes is known by name',
});

/** Who may use the registry port. Without it everybody may pull and nobody push. */
export const authSchema = strict({
  users: text,
  anonymousPull: z.boolean({ error: 'true or false' }).optional(),
  realm: z
    .string({ error: `an http:// or https:// address that ends in ${tokenPath}` })
    .refine(isTokenEndpoint, { error: `an http:// or https:// address that ends in ${tokenPath}` })
    .optional(),
  service: z
    .string({ error: 'a name of letters, digits and . _ : -' })
    .regex(/^[A-Za-z0-9._:-]{1,128}$/, { error: 'a name of letters, digits and . _ : -' })
    .default('pratique'),
  access: some(rule, 'rules', mostRules).optional(),
}).refine((value) => value.access === undefined || value.anonymousPull === undefined, {
  error: 'access or anonymousPull: with access, a rule for "anonymous" says what is open to everybody',
});

function isTokenEndpoint(value: string): boolean {
  // Goes between quotation marks into a header.
  if (!/^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    url.pathname.endsWith(tokenPath) &&
    url.username === '' &&
    url.password === '' &&
    !value.includes('?') &&
    !value.includes('#')
  );
}
