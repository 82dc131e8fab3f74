import { type AskContext, plainContext } from '../core/context.ts';
import type { Granted } from './auth/authorization.ts';

const anybody = plainContext('proxy');

/** Who asks on the registry port, as bindings see it. */
export function askerOf({ user }: Pick<Granted, 'user'>): AskContext {
  return user === null ? anybody : { ...anybody, user };
}
