import type { Digest } from '../core/digest.ts';
import { isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { canonicalName, type RepositoryAddress, repositoryKey } from '../core/repository.ts';

/** A failure to fetch says nothing of another repository's upstream, and one of a puller nothing of another puller. */
export function failureKey(address: RepositoryAddress, digest: Digest, puller: string | null = null): string {
  return `${repositoryKey(address)}@${digest}${puller === null ? '' : ` ${puller}`}`;
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

/** One who may not begin it is no failure of the vetting. */
export function tellFailure(
  logger: Logger,
  image: { readonly address: RepositoryAddress; readonly digest: Digest; readonly puller: string | null },
  failure: PlainError,
  error: unknown,
): void {
  const { address, digest, puller } = image;
  const fields = { image: canonicalName(address), digest, ...failure.fields };
  if (failure.code === 'puller-limited')
    logger.info({ ...fields, puller }, 'a vetting was not begun: the puller has begun enough');
  else logger.warn({ ...fields, err: error }, 'vetting failed');
}
