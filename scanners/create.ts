import { PratiqueError } from '../core/errors.ts';
import type { PackageType } from '../core/inventory.ts';
import type { Looked, OtherScanner, OtherScannerName, ScannerReport } from '../core/ports/scanner.ts';
import { createGrype } from './grype/scanner.ts';
import { createHarborScanner } from './harbor/scanner.ts';
import type { ScannerBounds } from './scanner.ts';
import type { GrypeSettings, HarborSettings, TrivySettings } from './settings.ts';
import { createTrivy } from './trivy/scanner.ts';

export interface ScannersSettings {
  readonly trivy: TrivySettings;
  readonly grype: GrypeSettings;
  /** null: none is configured. */
  readonly harbor: HarborSettings | null;
  /**
   * What the operator says that the scanner knows advisories of, beside what its report tells. `system` is for scanners alone
   * whose report has no word for it: where Trivy says that a release has ended, that stands.
   */
  readonly covers: { readonly system: boolean; readonly types: readonly PackageType[] };
  /** Scans at once, and how many may wait; null: as many as the scanner bears. */
  readonly concurrency: number | null;
}

/** Scans that may wait for their turn. */
const mostWaiting = 1000;

/** @throws PratiqueError `config-invalid` where nothing says how it is reached */
export function createOtherScanner(
  name: OtherScannerName,
  settings: ScannersSettings,
  bounds: ScannerBounds,
): OtherScanner {
  // Without a server Trivy locks its cache, and a second one fails after a while.
  const usual = name === 'trivy' && settings.trivy.server === null ? 1 : 2;
  const scanner = bare(name, settings, bounds);
  const enter = inTurn(name, settings.concurrency ?? usual);
  return {
    name,
    scan: (pull, signal) => enter(async () => withCovers(await scanner.scan(pull, signal), settings.covers)),
  };
}

function bare(name: OtherScannerName, settings: ScannersSettings, bounds: ScannerBounds): OtherScanner {
  switch (name) {
    case 'trivy':
      return createTrivy(settings.trivy, bounds);
    case 'grype':
      return createGrype(settings.grype, bounds);
    case 'harbor': {
      if (settings.harbor === null) {
        throw new PratiqueError(
          'config-invalid',
          "scanner.harbor: found nothing, allowed with scanner.harbor.url: the address of the scanner's adapter",
        );
      }
      const unsaid = 'scanner.covers does not say that the scanner knows advisories of operating systems';
      const system = settings.covers.system ? null : unsaid;
      return createHarborScanner(settings.harbor, { system, types: [] }, bounds);
    }
  }
}

function withCovers(report: ScannerReport, { types }: ScannersSettings['covers']): ScannerReport {
  const looked: Looked = {
    system: report.looked.system,
    types: [...new Set([...report.looked.types, ...types])].sort(),
  };
  return { ...report, looked };
}

/** At most `width` at once, in the order in which they came. */
function inTurn(name: string, width: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < width) running += 1;
    else if (waiting.length < mostWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else {
      throw new PratiqueError(
        'queue-full',
        `${mostWaiting} images are waiting for ${name} already: try again later`,
        { scanner: name },
      );
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
