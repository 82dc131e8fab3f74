import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withKnown } from '../../advisories/match/index.ts';
import { PratiqueError } from '../../core/errors.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { OtherScannerName } from '../../core/ports/scanner.ts';
import { blobsOf } from '../../registry/manifest.ts';
import { createOtherScanner } from '../../scanners/create.ts';
import { ScanDoor } from '../../scanners/door/door.ts';
import { attributed } from '../../vetting/attributed.ts';
import {
  isDecided,
  matchOf,
  noAdvisories,
  nothingSaid,
  provenanceOf,
} from '../../vetting/reported-findings.ts';
import type { Config } from '../config/config.ts';
import { formatListen, listenOn } from '../listen.ts';
import type { OtherScan, OtherScans } from './others.ts';
import { verified } from './verified.ts';

/** @throws PratiqueError `config-invalid`, `port-taken` */
export async function openOtherScan(
  name: OtherScannerName,
  config: Config,
  now: () => number,
): Promise<OtherScan> {
  const { timeout, maxAge, pull, others } = config.scanner;
  const folder = await mkdtemp(join(tmpdir(), 'pratique-'));
  const scanner = createOtherScanner(name, others, {
    timeout,
    folder,
    env: process.env,
    proxies: config.proxies,
  });
  const door = new ScanDoor({ lifetime: timeout, now, logger: silentLogger });
  const server = createServer(door.app);
  // Programs run on this machine; whatever pulls from elsewhere needs the address that was configured.
  const where = name === 'harbor' ? pull.listen : { host: '127.0.0.1', port: 0 };
  const at = await listenOn(server, where, 'scanner.pull.listen');
  door.openedAt(name === 'harbor' && pull.url !== null ? pull.url : `http://${formatListen(at)}`);
  return {
    name,
    match: async (source, stored, inventory, index) => {
      if (stored.digest === null) {
        throw new PratiqueError(
          'usage-invalid',
          `${source.reference} has no manifest by which it can be pulled, so ${name} cannot be asked about it: write it as an OCI archive`,
        );
      }
      const { digest, mediaType, bytes, manifest } = stored;
      const revision = index?.revision ?? noAdvisories;
      if (isDecided(inventory)) return nothingSaid(revision);
      if (manifest.kind !== 'image') throw new Error('an index is shown to no scanner');
      const parts = new Map([manifest.config, ...manifest.layers].map((part) => [part.digest, part]));
      const image = {
        name: source.names[0] ?? 'image',
        digest,
        mediaType,
        manifest: bytes,
        blobs: blobsOf(manifest),
        open: async (blob: string) => {
          const part = [...parts.values()].find((one) => one.digest === blob);
          if (part === undefined) throw new PratiqueError('blob-unknown', `${blob} is no part of the image`);
          return verified(part, await source.blob(part));
        },
      };
      const started = now();
      const report = await door.during(image, (pullable) => scanner.scan(pullable));
      const findings = attributed(report.findings, inventory.packages);
      const known = index === null ? null : withKnown(findings, inventory.os, index);
      const provenance = provenanceOf(report, started, maxAge);
      return matchOf(inventory, { looked: report.looked, findings, provenance }, known, revision);
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param compare the one that was named; null: none
 * @throws PratiqueError `config-invalid`, `port-taken`
 */
export async function openOtherScans(
  config: Config,
  compare: OtherScannerName | null,
  now: () => number,
): Promise<OtherScans> {
  const opened = new Map<OtherScannerName, OtherScan>();
  const open = async (name: OtherScannerName | null): Promise<OtherScan | null> => {
    if (name === null) return null;
    const known = opened.get(name) ?? (await openOtherScan(name, config, now));
    opened.set(name, known);
    return known;
  };
  const close = async (): Promise<void> => {
    for (const one of opened.values()) await one.close();
  };
  try {
    return { decides: await open(config.scanner.engine), compared: await open(compare), close };
  } catch (error) {
    await close();
    throw error;
  }
}
