import { LRUCache } from 'lru-cache';
import { type AskContext, plainContext } from '../core/context.ts';
import type { Granted } from './auth/authorization.ts';

const anybody = plainContext('proxy');

/** What is found out of an asker is remembered with the object, so those who come again are the same one. */
const askers = new LRUCache<string, AskContext>({ max: 5000 });

/** Who asks on the registry port, as bindings see it. */
export function askerOf({ user, puller }: Pick<Granted, 'user' | 'puller'>): AskContext {
  const key = `${puller}\n${user ?? ''}`;
  const known = askers.get(key);
  if (known !== undefined) return known;
  const asker = { ...anybody, user, puller };
  askers.set(key, asker);
  return asker;
}
