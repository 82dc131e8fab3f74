import type { Logger } from '../core/ports/logger.ts';
import { ClientAuthority } from '../webhook/client-certificates.ts';
import type { Ending } from './ending.ts';
import { readPem, unusable, watchFiles } from './watched-files.ts';

/**
 * The authorities of clients in a file, which is read again when it changes. One that cannot be used changes nothing, and the
 * log tells: whoever takes an authority away puts another in its place.
 * @param options `names`: as for `ClientAuthority`; `now`: milliseconds since 1970
 * @throws PratiqueError `config-invalid`
 */
export function watchClientAuthority(options: {
  readonly file: string;
  readonly setting: string;
  readonly names: readonly string[] | null;
  readonly ending: Pick<Ending, 'add'>;
  readonly now: () => number;
  readonly logger: Logger;
}): ClientAuthority {
  const { file, setting, names, ending, now, logger } = options;
  const read = (): string => {
    try {
      const pem = readPem(file);
      // Whether it can be used is found out here, where nothing depends on it yet.
      return new ClientAuthority(pem, names, now).pem;
    } catch (error) {
      throw unusable(setting, 'the authorities of clients', file, error);
    }
  };
  const watched = watchFiles({
    files: [file],
    setting,
    read,
    isSame: (one, other) => one === other,
    onRenewed: (pem) => authority.renew(pem),
    told: (log) => log.info({ setting, file }, 'renewed authorities of clients are in force'),
    logger,
  });
  ending.add(() => watched.close());
  const authority = new ClientAuthority(watched.value, names, now);
  return authority;
}
