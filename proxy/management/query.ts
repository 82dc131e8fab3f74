import type { Request, Response } from 'express';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';

/**
 * One value of a query; null where it is not given.
 * @throws PratiqueError `usage-invalid` where it is given twice
 */
export function queryText(request: Request, name: string): string | null {
  const value = request.query[name];
  if (value === undefined || value === '') return null;
  if (typeof value !== 'string') throw invalid(`"${name}" may be given once`);
  return value;
}

/** @throws PratiqueError `usage-invalid` where it is not a whole number from 0 to `most` */
export function queryNumber(request: Request, name: string, otherwise: number, most: number): number {
  const text = queryText(request, name);
  if (text === null) return otherwise;
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw invalid(`"${name}" is not a whole number from 0 to ${most}`);
  return value;
}

/** @throws PratiqueError `usage-invalid` */
export function queryFlag(request: Request, name: string): boolean {
  const text = queryText(request, name);
  if (text === null || text === 'false') return false;
  if (text !== 'true') throw invalid(`"${name}" is true or false`);
  return true;
}

/** @throws PratiqueError `usage-invalid` */
export function digestOf(text: string): Digest {
  const digest = parseDigest(text);
  if (digest === null) throw invalid(`"${text.slice(0, 200)}" is not a digest: sha256:<64 hex digits>`);
  return digest;
}

export function invalid(message: string): PratiqueError {
  return new PratiqueError('usage-invalid', message);
}

/** Answers that there is too much to do at the moment. */
export function busy(response: Response, message: string): void {
  response.status(503).set('Retry-After', '5').json({ error: message });
}
