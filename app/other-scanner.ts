import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { createOtherScanner } from '../scanners/create.ts';
import { ScanDoor } from '../scanners/door/door.ts';
import type { Judge } from '../vetting/judge.ts';
import { OtherFindings } from '../vetting/reported-findings.ts';
import type { CurrentAdvisories } from './advisories.ts';
import type { Config } from './config/config.ts';
import { isLoopback } from './config/loopback.ts';
import type { Ending } from './ending.ts';
import type { Inspection } from './inspection.ts';
import { formatListen } from './listen.ts';
import { createReevaluation, type Reevaluation, type ReevaluationOptions } from './reevaluation.ts';
import type { RegistryServers } from './registry-server.ts';
import { createReportedReevaluation } from './reported-reevaluation.ts';
import type { Storage } from './storage.ts';

/**
 * The findings of another scanner, where the configuration says that one decides, with the door through which it pulls; null:
 * the built-in one does. What a scanner has said that does not decide any more is forgotten.
 * @throws PratiqueError `config-invalid`, `port-taken`
 */
export async function openOtherFindings(parts: {
  readonly config: Config;
  readonly records: StateRecords;
  readonly inspection: Inspection;
  readonly store: Storage['store'];
  readonly advisories: CurrentAdvisories;
  readonly servers: Pick<RegistryServers, 'make'>;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<OtherFindings | null> {
  const { config, records, inspection, store, ending, now, logger } = parts;
  const { engine, maxAge, timeout, pull, others } = config.scanner;
  if (engine === null) {
    await records.keepReported(null);
    return null;
  }
  const folder = join(config.data, 'scans');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const door = new ScanDoor({ lifetime: timeout, now, logger });
  // What others can reach speaks as the registry port does, and is bounded as it is.
  const server = isLoopback(pull.listen.host) ? createServer() : parts.servers.make();
  server.on('request', door.app);
  const at = await ending.open(server, pull.listen, 'scanner.pull.listen');
  door.openedAt(pull.url ?? `http://${formatListen(at ?? pull.listen)}`);
  const stop = new AbortController();
  ending.add(() => stop.abort());
  const scanner = createOtherScanner(engine, others, {
    timeout,
    folder,
    env: process.env,
    proxies: config.proxies,
  });
  const findings = new OtherFindings({
    scanner,
    maxAge,
    analyzers: inspection.analyzers,
    door,
    records,
    analysis: inspection.analysis,
    blobs: inspection.blobs,
    read: (digest) => store.read(digest),
    advisories: parts.advisories,
    signal: stop.signal,
    now,
    logger,
  });
  await records.keepReported(findings.scanner);
  logger.info({ scanner: engine, maxAge }, 'another scanner decides');
  return findings;
}

/** Scans an image again of which another scanner's word has ended, and judges it. */
export function scansAgain(
  other: OtherFindings | null,
  judge: Pick<Judge, 'rejudge'>,
): { readonly again?: (digest: Digest) => Promise<boolean> } {
  if (other === null) return {};
  return {
    again: async (digest) => (await other.again(digest)) && (await judge.rejudge(digest)) !== null,
  };
}

/** Judges recorded images again, by whoever's findings decide. */
export function reevaluationBy(
  other: OtherFindings | null,
  options: Omit<ReevaluationOptions, 'advisories' | 'records'> & {
    readonly records: StateRecords;
    readonly judge: Judge;
    readonly file: string;
    readonly revision: () => string | null;
  },
): Reevaluation {
  if (other !== null) return createReportedReevaluation(options);
  return createReevaluation({
    ...options,
    advisories: () => {
      const revision = options.revision();
      return revision === null ? null : { file: options.file, revision };
    },
  });
}
