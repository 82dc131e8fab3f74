import type { Digest } from '../../core/digest.ts';
import { formatPlatform, type Platform } from '../../core/platform.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import { worstStatus } from '../../core/verdict.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import type { SyncRecords } from '../../db/state.ts';
import type { Policy } from '../../policy/policy.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import type { Console } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { readPolicy } from '../policy-file.ts';
import { openRecordedCase } from '../recorded/recorded-case.ts';
import { type PlatformVerdict, verdictJson, verdictTable } from '../report/verdict-report.ts';
import { addressingOf } from './names.ts';
import { exitCodeOf } from './outcome.ts';
import { findRecorded, openRecorded, type RecordedImage } from './recorded-image.ts';

export interface VerdictOptions {
  /** A reference, or a bare digest. */
  readonly image: string;
  readonly format: 'table' | 'json';
  readonly policy: string | null;
  readonly sources: ConfigSources;
}

/**
 * `pratique verdict`: what is said now of an image that the gate has seen, from its records alone. Reads
 * beside a running server and changes nothing.
 * @returns the exit code: 0 pass or warn, 1 fail, 3 pending or error; the worst platform decides
 * @throws PratiqueError
 */
export function showVerdict(options: VerdictOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const policy = readPolicy(options.policy ?? config.policyFile);
  const paths = dataPaths(config.data);
  const records = openRecorded(paths.state, options.image);
  try {
    const found = findRecorded(options.image, {
      records,
      addressing: addressingOf(config),
      platforms: config.platforms,
      file: paths.state,
    });
    const index = openAdvisoryIndex(paths.advisories);
    try {
      const judged = found.images.map((image) => judge(image, { records, index, policy, at: Date.now() }));
      const status = worstStatus(judged.map((one) => one.status)) ?? 'pending';
      const report = { reference: found.reference, digest: found.digest, status, platforms: judged };
      console.out(
        options.format === 'json' ? JSON.stringify(verdictJson(report), null, 2) : verdictTable(report),
      );
      return Promise.resolve(exitCodeOf(status));
    } finally {
      index.close();
    }
  } finally {
    records.close();
  }
}

interface Tools {
  readonly records: SyncRecords;
  readonly index: AdvisoryIndex;
  readonly policy: Policy;
  readonly at: number;
}

function judge(image: RecordedImage, { records, index, policy, at }: Tools): PlatformVerdict {
  const { digest } = image;
  const recorded = image.known ? openRecordedCase(digest, { records, index, at }) : null;
  if (recorded === null) return pending(digest, image.platform, image.known);
  const verdict = recorded.verdict(policy);
  const platform = recorded.inventory.platform ?? image.platform;
  return { digest, platform: name(platform), status: verdict.status, verdict, why: null };
}

/** Without an inventory nothing can be judged, whatever an earlier verdict said. */
function pending(digest: Digest, platform: Platform | null, known: boolean): PlatformVerdict {
  const status: VerdictStatus = 'pending';
  const why = known
    ? 'its manifest is known, and its layers were not inspected by this version yet: pull it through the proxy'
    : 'it was never asked for: pull it through the proxy';
  return { digest, platform: name(platform), status, verdict: null, why };
}

function name(platform: Platform | null): string | null {
  return platform === null ? null : formatPlatform(platform);
}
