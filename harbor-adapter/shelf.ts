import { LRUCache } from 'lru-cache';
import type { ReportKey, ScanJobs } from '../core/ports/scan-jobs.ts';
import { jsonBytes, readVulnerabilityBody } from './bodies.ts';
import { olderReportType, vulnerabilityReportType } from './media-types.ts';
import { olderReport } from './report.ts';

/** Finished reports as bytes: on disk through the port, and the latest in memory, so that Harbor's 5 s are kept. */
export class ReportShelf {
  readonly #jobs: Pick<ScanJobs, 'putReport' | 'getReport'>;
  readonly #memory: LRUCache<string, Uint8Array>;

  /** @param memory bytes */
  constructor(jobs: Pick<ScanJobs, 'putReport' | 'getReport'>, memory: number) {
    this.#jobs = jobs;
    this.#memory = new LRUCache({ maxSize: memory, sizeCalculation: (body) => body.byteLength + 512 });
  }

  /** Makes and keeps a body that is not there yet. */
  async keep(key: ReportKey, make: () => Uint8Array): Promise<void> {
    if ((await this.#read(key)) !== null) return;
    const body = make();
    await this.#jobs.putReport(key, body);
    this.#memory.set(textOf(key), body);
  }

  /** The older report is made of the newer one when it is asked for, which is seldom. */
  async get(key: ReportKey): Promise<Uint8Array | null> {
    if (key.mediaType !== olderReportType) return this.#read(key);
    const held = this.#memory.get(textOf(key));
    if (held !== undefined) return held;
    const body = await this.#read({ ...key, mediaType: vulnerabilityReportType });
    if (body === null) return null;
    const older = jsonBytes(olderReport(readVulnerabilityBody(body)));
    this.#memory.set(textOf(key), older);
    return older;
  }

  async #read(key: ReportKey): Promise<Uint8Array | null> {
    const name = textOf(key);
    const held = this.#memory.get(name);
    if (held !== undefined) return held;
    const body = await this.#jobs.getReport(key);
    if (body !== null) this.#memory.set(name, body);
    return body;
  }
}

function textOf({ digest, kind, mediaType, revision }: ReportKey): string {
  return `${digest} ${kind} ${mediaType} ${revision}`;
}
