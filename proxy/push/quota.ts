import { formatBytes } from '../../core/bytes.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { CacheView } from '../../core/ports/cache.ts';
import { hostedUpstream } from '../../core/repository.ts';
import { compilePattern, type RepositoryMatcher } from '../../registry/repository-pattern.ts';
import type { RoomKeeper, UploadOwner, UploadUnderWay } from '../../registry/uploads/port.ts';

/** Bytes that hosted repositories may have together, or that a user may have pushed (`*`: each for himself). */
export type HostedQuota =
  | { readonly kind: 'repositories'; readonly pattern: string; readonly bytes: number }
  | { readonly kind: 'user'; readonly user: string; readonly bytes: number };

interface Pool {
  /** For messages. */
  readonly name: string;
  readonly allowed: number;
  /** Bytes that are there. */
  readonly used: number;
  /** Whose uploads count. */
  readonly counts: (owner: UploadOwner) => boolean;
}

/**
 * What pushes to hosted repositories may still bring. Counted are distinct blobs that are there and, in full, what uploads
 * under way have brought or announced, so that many at once do not pass together what each alone would not.
 */
export function createQuotas(
  quotas: readonly HostedQuota[],
  records: Pick<CacheView, 'hostedPaths' | 'bytesOfRepositories' | 'bytesOfUser'>,
): RoomKeeper {
  const matchers = new Map<HostedQuota, RepositoryMatcher>(
    quotas.flatMap((quota) =>
      quota.kind === 'repositories' ? [[quota, compilePattern(quota.pattern)]] : [],
    ),
  );
  const isHosted = ({ repository }: UploadOwner): boolean => repository.startsWith(`${hostedUpstream}/`);

  const poolOf = async (quota: HostedQuota, owner: UploadOwner): Promise<Pool | null> => {
    if (quota.kind === 'user') {
      if (quota.user !== '*' && quota.user !== owner.user) return null;
      return {
        name: `the user "${owner.user}"`,
        allowed: quota.bytes,
        used: await records.bytesOfUser(owner.user),
        counts: (other) => isHosted(other) && other.user === owner.user,
      };
    }
    const matches = matchers.get(quota);
    if (matches?.(owner.repository) !== true) return null;
    const paths = await records.hostedPaths();
    return {
      name: quota.pattern,
      allowed: quota.bytes,
      used: await records.bytesOfRepositories(paths.filter((path) => matches(`${hostedUpstream}/${path}`))),
      counts: (other) => matches(other.repository),
    };
  };

  return {
    async roomFor(owner) {
      if (quotas.length === 0 || !isHosted(owner)) return () => undefined;
      const pools = (await Promise.all(quotas.map((quota) => poolOf(quota, owner)))).filter(
        (pool) => pool !== null,
      );
      return (underWay) => {
        for (const pool of pools) refuseOver(pool, underWay);
      };
    },
  };
}

function refuseOver({ name, allowed, used, counts }: Pool, underWay: Iterable<UploadUnderWay>): void {
  let coming = 0;
  for (const { owner, bytes } of underWay) if (counts(owner)) coming += bytes;
  if (used + coming <= allowed) return;
  const more = coming === 0 ? '' : ` and ${formatBytes(coming)} are being pushed`;
  throw new PratiqueError(
    'quota-exceeded',
    `the quota of ${name} is ${formatBytes(allowed)} (hosted.quotas): ${formatBytes(used)} are used${more}. Delete images that nobody needs; their room is free once "pratique cache prune --unreferenced" or its schedule has collected it`,
    { quota: name, allowed, used, coming },
  );
}
