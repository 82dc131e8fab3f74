import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { canonicalName, type RepositoryAddress, repositoryKey } from '../core/repository.ts';

const mostRemembered = 10_000;

/** What has failed lately, so that it is not begun again by each who asks. */
export class Failures {
  readonly #failures: LRUCache<string, PlainError>;
  readonly #logger: Logger;

  /** @param memory milliseconds */
  constructor(memory: number, logger: Logger) {
    this.#failures = new LRUCache({ max: mostRemembered, ttl: memory });
    this.#logger = logger;
  }

  /** What stands in the way of an image, for one who pulls; null: for anybody. */
  of(address: RepositoryAddress, digest: Digest, puller: string | null = null): PlainError | undefined {
    return (
      this.#failures.get(failureKey(address, digest)) ??
      this.#failures.get(failureKey(address, digest, puller))
    );
  }

  /** A vetting that has failed, or was not begun. */
  ofVetting(address: RepositoryAddress, { digest, puller }: Vetted, error: unknown): void {
    const failure = failureOf(error);
    // Others who wait for it here begin it themselves.
    const limited = failure.code === 'puller-limited';
    this.#failures.set(failureKey(address, digest, limited ? puller : null), failure);
    tellFailure(this.#logger, { address, digest, puller }, failure, error);
  }

  /** A manifest of an index that could not be had. */
  ofChild(address: RepositoryAddress, digest: Digest, error: unknown): void {
    const failure = failureOf(error);
    this.#failures.set(failureKey(address, digest), failure);
    this.#logger.warn(
      { repository: repositoryKey(address), digest, ...failure.fields, err: error },
      'child manifest could not be fetched',
    );
  }

  clear(): void {
    this.#failures.clear();
  }
}

interface Vetted {
  readonly digest: Digest;
  readonly puller: string | null;
}

/** A failure to fetch says nothing of another repository's upstream, and one of a puller nothing of another puller. */
function failureKey(address: RepositoryAddress, digest: Digest, puller: string | null = null): string {
  return `${repositoryKey(address)}@${digest}${puller === null ? '' : ` ${puller}`}`;
}

/** What clients are told. A defect's own words are for the log. */
function failureOf(error: unknown): PlainError {
  if (isPratiqueError(error)) return toPlainError(error, 'vetting-failed');
  return {
    code: 'vetting-failed',
    message: 'Pratique failed with an internal error, see its log',
    fields: {},
  };
}

/** One who may not begin it is no failure of the vetting. */
function tellFailure(
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
