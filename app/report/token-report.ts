import type { AccessToken } from '../../core/ports/access-tokens.ts';
import { oneLine } from '../../policy/text.ts';
import { leftText } from './exception-report.ts';
import { formatTable } from './table.ts';

/** @param at milliseconds since 1970 */
export function tokensTable(tokens: readonly AccessToken[], at: number): string {
  if (tokens.length === 0) return 'no access tokens';
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.user ?? '(robot)',
    oneLine(rightsText(token), 120),
    stateOf(token, at) === 'holds' ? leftText(token.endsAt - at) : stateOf(token, at),
    oneLine(token.note, 120),
  ]);
  return formatTable(['TOKEN', 'NAME', 'USER', 'RIGHTS', 'ENDS', 'NOTE'], rows);
}

/** Nothing of the secret, and not its hash either. */
export function tokensJson(tokens: readonly AccessToken[], at: number): object {
  return {
    schemaVersion: 1,
    tokens: tokens.map((token) => {
      const { id, name, user, rights, createdAt, endsAt, note, revoked } = token;
      const state = stateOf(token, at);
      return {
        id,
        name,
        user,
        rights,
        createdAt,
        endsAt: new Date(endsAt).toISOString(),
        note,
        state,
        revoked,
      };
    }),
  };
}

function stateOf({ revoked, endsAt }: AccessToken, at: number): 'holds' | 'ended' | 'revoked' {
  if (revoked !== null) return 'revoked';
  return endsAt > at ? 'holds' : 'ended';
}

function rightsText({ rights }: AccessToken): string {
  return rights.map(({ action, pattern }) => `${action}:${pattern}`).join(',');
}
