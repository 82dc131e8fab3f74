import type { NextFunction, Response } from 'express';
import { isPratiqueError } from '../core/errors.ts';

/**
 * The failures that every port speaking JSON answers alike: an answer that has begun is broken off, and what the asker has
 * wrong is told.
 * @returns false: it is none of these
 */
export function answeredAlike(error: unknown, response: Response, next: NextFunction): boolean {
  if (response.headersSent) {
    next(error);
    return true;
  }
  if (!isPratiqueError(error) || error.code !== 'usage-invalid') return false;
  response.status(400).json({ error: error.message });
  return true;
}
