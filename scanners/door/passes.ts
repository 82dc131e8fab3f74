import { createHash, randomBytes } from 'node:crypto';
import type { ImageToPull } from '../../core/ports/scanner.ts';

/** Bytes of a token; nothing that can be guessed. */
const tokenBytes = 32;
/** The name that clients have to give beside it. */
export const passUser = 'scan';

/** The right to pull one image under one name. */
export interface Pass {
  readonly repository: string;
  readonly image: ImageToPull;
  /** Milliseconds since 1970: the first instant that is too late. */
  readonly endsAt: number;
}

/**
 * Rights of scans that run. In memory alone: a restart ends the scans, and their rights with them. A token is kept as its
 * hash, so that looking it up tells nothing of others.
 */
export class Passes {
  readonly #passes = new Map<string, Pass>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the token, and what ends it before its time */
  issue(pass: Pass): { readonly token: string; readonly revoke: () => void } {
    const token = randomBytes(tokenBytes).toString('base64url');
    const key = keyOf(token);
    this.#passes.set(key, pass);
    return { token, revoke: () => this.#passes.delete(key) };
  }

  /** null: no token of now. */
  of(token: string): Pass | null {
    const key = keyOf(token);
    const pass = this.#passes.get(key);
    if (pass === undefined) return null;
    if (this.#now() < pass.endsAt) return pass;
    this.#passes.delete(key);
    return null;
  }

  get size(): number {
    return this.#passes.size;
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * The token of an `Authorization` header: the password of Basic, or a bearer token. null: there is none. The name beside a
 * password means nothing.
 */
export function tokenIn(header: string | undefined): string | null {
  const [, scheme, value] = /^(basic|bearer) +([\x21-\x7e]{1,4096})$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : text.slice(colon + 1);
}
