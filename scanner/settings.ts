import type { CheckId } from '../core/check.ts';

/** What an installation chooses of how images are looked at. It is part of the key of all that is stored. */
export interface ScanSettings {
  /** Checks that are not made, each once, in any order. */
  readonly checksOff: readonly CheckId[];
  /** Files of more bytes are not searched for secrets. */
  readonly secretFileBytes: number;
}

export const defaultScanSettings: ScanSettings = { checksOff: [], secretFileBytes: 1024 ** 2 };

/** Up to how many bytes files are searched for secrets; 0: none is, because nobody wants to know. */
export function searchedFileBytes({ checksOff, secretFileBytes }: ScanSettings): number {
  return checksOff.includes('secret-in-file') ? 0 : secretFileBytes;
}
