import type { Response } from 'express';
import type { GateIdentity } from './identity.ts';

const identities = new WeakMap<Response, GateIdentity>();

/** Who has asked, for those who answer. */
export function setIdentity(response: Response, identity: GateIdentity): void {
  identities.set(response, identity);
}

/** null: nobody whom we know. */
export function clusterOf(response: Response): string | null {
  return identities.get(response)?.cluster ?? null;
}

/** For routes behind the authentication. */
export function identityOf(response: Response): GateIdentity {
  const identity = identities.get(response);
  if (identity === undefined) throw new Error('a route that was reached without an identity');
  return identity;
}
