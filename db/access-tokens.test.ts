import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { AccessToken } from '../core/ports/access-tokens.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openState, openStateBeside } from './state.ts';

const at = '2026-11-30T00:00:00.000Z';
const later = '2026-11-30T00:00:01.000Z';
const token = (id: string, name: string, fields: Partial<AccessToken> = {}): AccessToken => ({
  id,
  name,
  user: null,
  rights: [{ action: 'pull', pattern: '**' }],
  hash: 'h',
  createdAt: at,
  endsAt: Date.parse(at) + 1000,
  note: '',
  revoked: null,
  ...fields,
});

describe('access tokens in the state', () => {
  const open = () => {
    const file = join(temporaryDirectory(), 'state.db');
    return { state: openState(file), beside: openStateBeside(file) };
  };
  it('are seen by another process, which sees that something has changed', () => {
    const { state, beside } = open();
    const versions = [state.accessTokensVersion()];
    beside.addAccessToken(token('a', 'ci'));
    versions.push(state.accessTokensVersion());
    expect(state.listAccessTokens(at)).toEqual([token('a', 'ci')]);
    expect(beside.revokeAccessToken('ci', 'me', 'over', at)).toBe(true);
    versions.push(state.accessTokensVersion());
    expect(state.listAccessTokens(at)).toEqual([]);
    expect(state.listAccessTokens(null)).toEqual([
      token('a', 'ci', { revoked: { at, by: 'me', reason: 'over' } }),
    ]);
    expect(new Set(versions).size).toBe(3);
  });
  it('have names that no two in force share', () => {
    const { state } = open();
    state.addAccessToken(token('a', 'ci'));
    expect(() => state.addAccessToken(token('b', 'ci'))).toThrow(/in force already/);
    expect(() => state.addAccessToken(token('b', 'a'))).not.toThrow();
    expect(() => state.addAccessToken(token('c', 'ci', { createdAt: later }))).not.toThrow();
  });
  it('are revoked once, by id or name, and not when they have ended', () => {
    const { state } = open();
    state.addAccessToken(token('a', 'ci'));
    expect(state.revokeAccessToken('a', 'me', 'over', later)).toBe(false);
    expect(state.revokeAccessToken('a', 'me', 'over', at)).toBe(true);
    expect(state.revokeAccessToken('a', 'me', 'over', at)).toBe(false);
  });
});
