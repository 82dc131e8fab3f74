import { errorText } from '../core/errors.ts';
import type { AccessToken, AccessTokenStore } from '../core/ports/access-tokens.ts';
import type { Logger } from '../core/ports/logger.ts';

/** Milliseconds between two looks: what is revoked is over within a second. */
const lookEvery = 400;
/** Milliseconds for which tokens are taken that nobody could look after: then none is in force. */
const longestUnseen = 5000;

/** The access tokens in force, which another process gives out and revokes. */
export interface WatchedTokens {
  /** null: they could not be looked at for too long. */
  list(): readonly AccessToken[] | null;
  /** Why none can be used at the moment; null: all is well. */
  problem(): string | null;
  close(): Promise<void>;
}

/**
 * Reads the tokens, and again whenever one was given out or revoked.
 * @throws PratiqueError `data-unusable`
 */
export async function watchAccessTokens(options: {
  readonly store: Pick<AccessTokenStore, 'listAccessTokens' | 'accessTokensVersion'>;
  readonly logger: Logger;
}): Promise<WatchedTokens> {
  const { store, logger } = options;
  let version = -1;
  let tokens: readonly AccessToken[] = [];
  let seenAt = performance.now();
  let why: string | null = null;

  const look = async (): Promise<void> => {
    // Of before the reading, so that a change during it is seen at the next look.
    const asked = performance.now();
    const found = await store.accessTokensVersion();
    if (found !== version) {
      // Those that have ended by now may not have by a clock that is set back; whoever uses one looks himself.
      tokens = (await store.listAccessTokens(null)).filter(({ revoked }) => revoked === null);
      if (version >= 0) logger.info({ tokens: tokens.length }, 'access tokens were read again');
      version = found;
    }
    seenAt = asked;
    why = null;
  };
  await look();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking: Promise<void> = Promise.resolve();
  const again = (): void => {
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => {
          const text = errorText(error);
          if (why !== text) logger.error({ why: text }, 'access tokens could not be looked at');
          why = text;
        })
        .finally(() => {
          if (!closed) again();
        });
    }, lookEvery);
  };
  again();
  const isSeen = (): boolean => performance.now() - seenAt < longestUnseen;
  return {
    list: () => (isSeen() ? tokens : null),
    problem: () => (isSeen() ? null : `access tokens cannot be read: ${why ?? 'the state does not answer'}`),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
