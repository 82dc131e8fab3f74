import { z } from 'zod';
import { parseBytes } from '../../core/bytes.ts';
import { type CheckId, checkIds } from '../../core/check.ts';
import { surely } from '../../policy/time.ts';
import { defaultScanSettings, type ScanSettings } from '../../scanner/settings.ts';
import { strict } from './strict.ts';

const largest = 64 * 1024 ** 2;
const sizeText = 'a size from 1KiB to 64MiB';
const onOff = z.enum(['on', 'off'], { error: 'on or off' }).optional();

const switches = strict(
  Object.fromEntries(checkIds.map((id) => [id, onOff])) as Record<CheckId, typeof onOff>,
);

/** Keys of `scanner`. */
export const checkKeys = {
  checks: switches.prefault({}),
  /** Files that are larger are not searched for secrets. Each is held in memory while it is. */
  secretFileBytes: z
    .string({ error: sizeText })
    .refine(
      (value) => {
        const bytes = parseBytes(value);
        return bytes !== null && bytes >= 1024 && bytes <= largest;
      },
      { error: sizeText },
    )
    .optional(),
};

const checksSchema = strict(checkKeys);

export function buildScanSettings({ checks, secretFileBytes }: z.infer<typeof checksSchema>): ScanSettings {
  return {
    checksOff: checkIds.filter((id) => checks[id] === 'off'),
    secretFileBytes:
      secretFileBytes === undefined
        ? defaultScanSettings.secretFileBytes
        : surely(parseBytes(secretFileBytes)),
  };
}
