import { formatBytes } from '../../core/bytes.ts';
import type {
  CacheOutcome,
  CacheShare,
  CacheStanding,
  CacheTotals,
  HeldPin,
} from '../../core/ports/cache.ts';
import { formatPointer } from '../../core/repository.ts';
import type { CacheConfig } from '../config/cache.ts';
import { formatAge, formatTable } from './table.ts';

/** `pratique cache status`. */
export function standingText(standing: CacheStanding, config: CacheConfig): string {
  const line = (name: string, { bytes, blobs }: CacheTotals): string[] => [
    name,
    formatBytes(bytes),
    String(blobs),
  ];
  const bounds = [
    `quota ${config.bytes === null ? 'off' : formatBytes(config.bytes)}`,
    `age ${config.age === null ? 'off' : formatAge(config.age)}`,
    `kept free on the disk ${config.keepFree === null ? 'off' : formatBytes(config.keepFree)}`,
  ];
  const all = formatTable(
    ['what', 'bytes', 'blobs'],
    [
      line('in the store', standing),
      line('of pinned images', standing.pinned),
      line('of hosted repositories', standing.hosted),
      line('no manifest refers to', standing.unreferenced),
    ],
  );
  return [
    bounds.join(', '),
    '',
    all,
    ...shares('upstream', standing.upstreams),
    ...shares('repository', standing.repositories),
  ].join('\n');
}

function shares(title: string, list: readonly CacheShare[]): readonly string[] {
  if (list.length === 0) return [];
  const rows = list.map(({ name, bytes, blobs }) => [name, formatBytes(bytes), String(blobs)]);
  return ['', formatTable([title, 'bytes', 'blobs'], rows)];
}

export function outcomeText({ blobs, bytes, reasons }: CacheOutcome, dryRun: boolean): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  const what = `${blobs} blobs, ${formatBytes(bytes)}${why.length === 0 ? '' : ` (${why.join(', ')})`}`;
  return dryRun ? `would go: ${what}` : `gone: ${what}`;
}

export function pinsText(pins: readonly HeldPin[]): string {
  if (pins.length === 0) return 'no image is pinned';
  return formatTable(
    ['image', 'there', 'by', 'since', 'note'],
    pins.map(({ address, pointer, digest, bytes, by, at, note }) => [
      formatPointer(address, pointer),
      digest === null ? 'not known yet' : formatBytes(bytes),
      by,
      at,
      note,
    ]),
  );
}
