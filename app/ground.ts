import { schedule } from 'node-cron';
import type { Cause } from '../core/change.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import type { Rematching } from '../core/ports/rematching.ts';
import type { Sightings } from '../core/ports/sightings.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { DueVerdicts } from '../vetting/due.ts';
import type { Vetting } from '../vetting/vetting.ts';
import type { CurrentAdvisories } from './advisories.ts';
import type { PolicyInForce } from './policy/in-force.ts';
import type { Reevaluation } from './reevaluation.ts';

const everySecond = '* * * * * *';
const everyNight = '17 3 * * *';
const day = 86_400_000;
/** How long changes are kept that others have followed, and images that nothing was seen of, milliseconds. */
const historyKept = 400 * day;
const sightingsKept = 90 * day;

/**
 * Watches what all verdicts rest on: the advisory file (another process swaps it), the policy files, exceptions
 * (another process grants them), and the time. Whatever changes is told in the change stream, and recorded images are
 * judged again; gates see it at once, because they compare revisions and look at the clock themselves.
 */
export function watchGround(parts: {
  readonly advisories: CurrentAdvisories;
  readonly inForce: Pick<PolicyInForce, 'refresh' | 'policies'>;
  readonly vetting: Pick<Vetting, 'groundChanged'>;
  readonly reevaluation: Pick<Reevaluation, 'start'>;
  readonly due: Pick<DueVerdicts, 'turn' | 'groundChanged'>;
  readonly records: Pick<VerdictStore, 'putChange' | 'keepPolicies' | 'forgetChangesBefore'> &
    Pick<Sightings, 'forgetSightingsBefore'> &
    Pick<Records, 'sweepPackages'> &
    Pick<Rematching, 'askRematch' | 'rematchAsked'>;
  /** A cron expression: when everything is matched again, whatever has changed; null: by hand. */
  readonly rematch: string | null;
  /** The change stream has grown, perhaps. */
  readonly onTurn: () => void;
  readonly now: () => number;
  readonly logger: Logger;
}): {
  /** Told by the policy when it has changed. */
  readonly changed: (cause: Cause) => void;
  readonly close: () => Promise<void>;
} {
  const { advisories, inForce, vetting, reevaluation, due, records, now, logger } = parts;
  let revision = advisories.revision();
  let asked: string | null = null;

  /** What policies say that hold nowhere any more would be judged again for ever as time overtakes it. */
  const forgetOthers = (): void => {
    records
      .keepPolicies(inForce.policies().map(({ name }) => name))
      .catch((error: unknown) =>
        logger.error({ err: error }, 'verdicts of policies that hold nowhere could not be forgotten'),
      );
  };
  const changed = (cause: Cause): void => {
    if (cause === 'policy') forgetOthers();
    vetting.groundChanged();
    due.groundChanged();
    reevaluation.start(cause);
  };
  const lookAtAdvisories = async (): Promise<void> => {
    advisories.refresh();
    // A match may have looked before: what counts is what was told last.
    const found = advisories.revision();
    if (found === revision) return;
    const note =
      found === null
        ? `there are no advisories any more: ${advisories.problem ?? 'the file is gone'}`
        : `advisories of ${advisories.updatedAt ?? 'an unknown day'} are in force`;
    const at = new Date(now()).toISOString();
    await records.putChange({ kind: 'advisories', at, subject: found ?? '', note });
    revision = found;
    changed('advisories');
    logger.info(
      { revision, problem: advisories.problem },
      'advisories changed: verdicts are made again from recorded inventories',
    );
  };
  /** Another process asks, or the schedule: the mark stays until all is matched again, over a restart too. */
  const lookForAsked = async (): Promise<void> => {
    const found = await records.rematchAsked();
    if (found === null || found === asked) return;
    asked = found;
    changed('advisories');
    logger.info({ asked }, 'it was asked that everything is matched again from recorded inventories');
  };
  const turn = async (): Promise<void> => {
    try {
      await lookAtAdvisories();
      await lookForAsked();
      await inForce.refresh();
      await due.turn();
      parts.onTurn();
    } catch (error) {
      logger.error({ err: error }, 'what verdicts rest on could not be looked at: it is tried again');
    }
  };
  const tidy = async (): Promise<void> => {
    try {
      const before = (age: number): string => new Date(now() - age).toISOString();
      let changes = 0;
      for (let last = 1; last > 0; changes += last) {
        last = await records.forgetChangesBefore(before(historyKept));
      }
      for (let after: number | null = 0; after !== null; ) after = await records.sweepPackages(after);
      const sightings = await records.forgetSightingsBefore(before(sightingsKept));
      logger.info({ changes, sightings }, 'old records were forgotten');
    } catch (error) {
      logger.error({ err: error }, 'old records could not be forgotten');
    }
  };
  const ask = async (): Promise<void> => {
    try {
      await records.askRematch(new Date(now()).toISOString());
    } catch (error) {
      logger.error({ err: error }, 'the scheduled matching could not be asked for');
    }
  };
  forgetOthers();
  let running: Promise<void> = Promise.resolve();
  const watch = schedule(
    everySecond,
    () => {
      running = turn();
      return running;
    },
    { noOverlap: true },
  );
  const tidying = schedule(everyNight, tidy, { noOverlap: true });
  const rematching = parts.rematch === null ? null : schedule(parts.rematch, ask, { noOverlap: true });
  return {
    changed,
    close: async () => {
      await watch.destroy();
      await tidying.destroy();
      await rematching?.destroy();
      await running;
    },
  };
}
