import type { Digest } from '../core/digest.ts';
import { isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';
import { type RepositoryAddress, repositoryKey } from '../core/repository.ts';

/** A failure to fetch says nothing of another repository's upstream. */
export function failureKey(address: RepositoryAddress, digest: Digest): string {
  return `${repositoryKey(address)}@${digest}`;
}

/** What clients are told. A defect's own words are for the log. */
export function failureOf(error: unknown): PlainError {
  if (isPratiqueError(error)) return toPlainError(error, 'vetting-failed');
  return {
    code: 'vetting-failed',
    message: 'Pratique failed with an internal error, see its log',
    fields: {},
  };
}
