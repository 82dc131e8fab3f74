import { type Warmed, type WarmPlatform, warmStatuses } from '../commands/warm-image.ts';
import { formatTable } from './table.ts';

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

/** One line for each platform, the worst first. */
export function warmTable(images: readonly Warmed[]): string {
  const rows = images
    .flatMap(({ image, platforms }) => platforms.map((platform) => ({ image, ...platform })))
    .sort((a, b) => warmStatuses.indexOf(a.status) - warmStatuses.indexOf(b.status))
    .map(({ image, platform, status, blobs, bytes, reason }) => [
      status,
      image,
      platform ?? '-',
      status === 'allowed' ? `${blobs} blobs, ${megabytes(bytes)}` : '-',
      reason ?? '',
    ]);
  return formatTable(['STATUS', 'IMAGE', 'PLATFORM', 'THERE', 'REASON'], rows);
}

/** The JSON of `pratique warm --format json`. */
export function warmJson(registry: string, images: readonly Warmed[]): object {
  return {
    schemaVersion: 1,
    registry,
    images: images.map(({ image, digest, status, platforms }) => ({
      image,
      digest,
      status,
      platforms: platforms.map(({ platform, digest: of, ...rest }: WarmPlatform) => ({
        platform,
        digest: of,
        ...rest,
      })),
    })),
  };
}
