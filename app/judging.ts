import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import type { Policy } from '../policy/policy.ts';
import type { AttachedLooks } from '../vetting/attached-looks.ts';
import { Catalogue } from '../vetting/catalogue.ts';
import { Judge } from '../vetting/judge.ts';
import type { OtherFindings } from '../vetting/reported-findings.ts';
import { TagCounts } from '../vetting/tag-counts.ts';
import { Vetting } from '../vetting/vetting.ts';
import { CurrentAdvisories } from './advisories.ts';
import { createAttachedLooks } from './attached-vex.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { createInspection, type Inspection } from './inspection.ts';
import { openOtherFindings, reevaluationBy } from './other-scanner.ts';
import type { DataPaths } from './paths.ts';
import { type InForceParts, PolicyInForce } from './policy/in-force.ts';
import { remarksOn, surroundingsOf } from './policy/remarks.ts';
import type { Reevaluation } from './reevaluation.ts';
import { openRegistryAccess, type RegistryAccess } from './registry-access.ts';
import type { Storage } from './storage.ts';
import { tagsOf } from './tags.ts';
import { platformsBy, type UpstreamSet } from './upstreams.ts';
import type { WorkerPool } from './workers/pool.ts';

export interface Judging {
  readonly advisories: CurrentAdvisories;
  readonly inForce: PolicyInForce;
  /** What the policy asks for that this configuration cannot say. */
  readonly remarks: () => readonly string[];
  readonly inspection: Inspection;
  readonly door: RegistryAccess;
  /** Of another scanner; null: the built-in one decides. */
  readonly other: OtherFindings | null;
  readonly judge: Judge;
  readonly attached: AttachedLooks;
  readonly vetting: Vetting;
  readonly tagCounts: TagCounts;
  readonly reevaluation: Reevaluation;
  /** Whoever makes verdicts again tells of it here. */
  readonly onChanged: (digests: readonly Digest[]) => void;
}

/**
 * What inspects and judges, by the policy, the advisories and the findings in force, and judges again when they change. All
 * gates ask it.
 * @throws PratiqueError `config-invalid`, `policy-invalid`, `data-unusable`
 */
export async function openJudging(parts: {
  readonly config: Config;
  readonly records: StateRecords;
  readonly storage: Storage;
  readonly upstreams: UpstreamSet;
  readonly pool: WorkerPool;
  readonly paths: DataPaths;
  /** The policy or an exception is another one. */
  readonly onPolicy: InForceParts['onChange'];
  readonly onPolicyInvalid: InForceParts['onInvalid'];
  /** Verdicts have been made again. */
  readonly onVerdicts: () => void;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<Judging> {
  const { config, records, storage, pool, paths, ending, now, logger } = parts;
  const advisories = new CurrentAdvisories(paths.advisories, pool);
  advisories.refresh();
  const inForce = await PolicyInForce.start({
    source: config.policyFile,
    verdicts: records,
    exceptions: records,
    onChange: (cause) => {
      parts.onPolicy(cause);
      if (cause === 'policy') tellRemarks();
    },
    onInvalid: parts.onPolicyInvalid,
    now,
    logger,
  });
  const policies = (): readonly Policy[] => inForce.policies();
  const remarks = (): readonly string[] => remarksOn(inForce.rulebook().set, surroundingsOf(config));
  const tellRemarks = (): void => {
    for (const remark of remarks()) logger.warn({ remark }, 'a part of the policy cannot hold here');
  };
  tellRemarks();

  const inspection = createInspection({ config, records, storage, pool, upstreams: parts.upstreams });
  const { upstreams, analysis, limits, analyzers } = inspection;
  const door = await openRegistryAccess({
    config,
    records,
    registry: storage.registers,
    ending,
    now,
    logger,
  });
  const { servers } = door;
  const shown = {
    config,
    records,
    inspection,
    store: storage.store,
    advisories,
    servers,
    ending,
    now,
    logger,
  };
  const other = await openOtherFindings(shown);
  const matching = { matcher: advisories, ...(other === null ? {} : { findings: other }) };
  const judge = new Judge({ records, analysis, ...matching, policies, analyzers, now, logger });
  const attached = createAttachedLooks({
    records,
    inspection,
    policies,
    judge,
    gate: {
      holdersChanged: (digest) => vetting.holdersChanged(digest),
      verdictsChanged: (digests) => vetting.verdictsChanged(digests),
    },
    now,
    logger,
  });
  const tagCounts = new TagCounts();
  const vetting: Vetting = new Vetting({
    pullers: door.pullers,
    catalogue: (onNew) =>
      new Catalogue({ records, upstreams, ...tagsOf(config), counts: tagCounts, logger, now, onNew }),
    analysis,
    judge,
    rulebook: () => inForce.rulebook(),
    attached,
    now,
    records,
    platforms: platformsBy(config.upstreams, config.platforms),
    limits,
    logger,
    arrived: (blob) => inspection.arrivals.written(blob),
  });
  const onChanged = (digests: readonly Digest[]): void => {
    vetting.verdictsChanged(digests);
    parts.onVerdicts();
  };
  const reevaluation = reevaluationBy(other, {
    ...{ stateFile: paths.state, file: paths.advisories, revision: () => advisories.revision() },
    ...{ records, judge, policies, analyzers, now, logger, onChanged },
  });
  ending.add(() => reevaluation.stop());
  return {
    ...{ advisories, inForce, remarks, inspection, door, other },
    ...{ judge, attached, vetting, tagCounts, reevaluation, onChanged },
  };
}
