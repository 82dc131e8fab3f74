import type { Request, Router } from 'express';
import type { Records } from '../../core/ports/records.ts';
import type { StandingVerdict, VerdictStore } from '../../core/ports/verdicts.ts';
import { type Verdict, worstStatus } from '../../core/verdict.ts';
import type { AtOnce } from './at-once.ts';
import { digestOf } from './query.ts';

export interface VerdictPlaces {
  readonly records: Pick<Records, 'getMatch' | 'getInventory' | 'imagesOf'>;
  readonly verdicts: Pick<VerdictStore, 'listVerdicts' | 'verdictsOf'>;
  /** Analyzers whose inventories are shown. */
  readonly analyzers: string;
}

/** Most verdicts that one answer lists. */
const mostListed = 1000;

/** What stands of all images, and of one with everything that is known of it. */
export function verdictRoutes(
  router: Router,
  { records, verdicts, analyzers }: VerdictPlaces,
  reads: AtOnce,
): void {
  router.get(
    '/api/v1/verdicts',
    reads.hold(async (_request, response) => {
      const listed = await verdicts.listVerdicts(mostListed + 1);
      response.json({ verdicts: listed.slice(0, mostListed), complete: listed.length <= mostListed });
    }),
  );

  router.get(
    '/api/v1/verdicts/:digest',
    reads.hold<Request<{ digest: string }>>(async (request, response) => {
      const digest = digestOf(request.params.digest);
      const standing = await verdicts.verdictsOf(digest);
      const worst = worstVerdict(standing);
      if (worst === null) {
        response
          .status(404)
          .json({ error: `nothing is known of ${digest}: pull it through the proxy first` });
        return;
      }
      const match =
        (await records.getMatch(digest, worst.advisoriesRevision)) ?? (await records.getMatch(digest, null));
      const recorded = await records.getInventory(digest, analyzers);
      response.json({
        digest,
        images: await records.imagesOf(digest),
        verdict: worst,
        verdicts: standing.map(({ policy, since, verdict }) => ({ policy, since, verdict })),
        findings: match?.findings ?? null,
        inventory: recorded?.inventory ?? null,
        scannedAt: recorded?.scannedAt ?? null,
      });
    }),
  );
}

function worstVerdict(standing: readonly StandingVerdict[]): Verdict | null {
  const worst = worstStatus(standing.map(({ verdict }) => verdict.status));
  return standing.find(({ verdict }) => verdict.status === worst)?.verdict ?? null;
}
