import type { MatchResult } from '../core/finding.ts';
import type { Incomplete, InventoryView } from '../core/inventory.ts';
import type { AdvisoriesRequirement, Policy, RequirementAction } from './policy.ts';
import { oneLine, plural } from './text.ts';

/** A demand on the image as a whole that it does not meet, and what follows. */
export interface Unmet {
  readonly id: string;
  readonly title: string;
  readonly action: 'deny' | 'error' | 'warn';
  readonly remedy: string;
  readonly reasons: readonly string[];
}

/** Names that a verdict gives to demands, beside the ids of rules. */
export const demandNames: readonly string[] = [
  'artifacts',
  'unfit',
  'require.completeInventory',
  'require.recognisedOs',
  'require.packages',
  'require.coverage',
  'require.advisories',
];

/**
 * Demands that are not met at `at` (milliseconds since 1970). What is no image is not asked for an operating
 * system, packages or their advisories; that it could be read is asked of everything,
 * and no policy can let pass what is unfit to be judged.
 */
export function unmetRequirements(
  policy: Policy,
  inventory: InventoryView,
  match: MatchResult,
  at: number,
): readonly Unmet[] {
  const { require } = policy;
  const unmet: Unmet[] = [];
  const demand = (
    action: RequirementAction,
    reasons: readonly string[],
    rest: Pick<Unmet, 'id' | 'title' | 'remedy'>,
  ) => {
    if (action !== 'ignore' && reasons.length > 0) unmet.push({ ...rest, action, reasons });
  };
  const artifact = inventory.content === 'artifact';
  if (artifact && policy.artifacts === 'deny') {
    unmet.push({
      id: 'artifacts',
      title: 'No container image',
      action: 'deny',
      remedy: 'Write "artifacts: allow" in the policy if charts, signatures and SBOMs are wanted.',
      reasons: [
        'this is no container image (a chart, a signature or an SBOM), and the policy denies artifacts',
      ],
    });
  }
  demand(
    'error',
    inventory.unfit.map((why) => oneLine(why, 500)),
    {
      id: 'unfit',
      title: 'It can be judged',
      remedy: 'Build or push the image again: what would run is not what was inspected.',
    },
  );
  demand(require.completeInventory, inventory.incomplete.map(unreadable), {
    id: 'require.completeInventory',
    title: 'Everything in it can be read',
    remedy: 'Build the image again, or report what could not be read.',
  });
  if (artifact) return unmet;
  demand(
    require.recognisedOs,
    inventory.os === null && !isBare(inventory)
      ? ['no os-release was found, or it could not be read: which advisories apply is not known']
      : [],
    {
      id: 'require.recognisedOs',
      title: 'Its operating system is known',
      remedy: 'Keep /etc/os-release in the image, or set require.recognisedOs for images without one.',
    },
  );
  demand(
    require.packages,
    inventory.packageCount === 0
      ? ['no package was recognised: an image in which nothing is seen is not clean']
      : [],
    {
      id: 'require.packages',
      title: 'At least one package is recognised',
      remedy: 'Keep the package database in the image, or set require.packages for images without one.',
    },
  );
  demand(require.coverage, uncovered(inventory, match), {
    id: 'require.coverage',
    title: 'Advisories exist for everything in it',
    remedy: 'Move to a release that is supported, or import advisories for it (pratique advisories update).',
  });
  demand(require.advisories.action, tooOld(require.advisories, match, at), {
    id: 'require.advisories',
    title: 'The advisories are recent',
    remedy: 'Import recent advisories: pratique advisories update.',
  });
  return unmet;
}

/** Programs on an empty root need no system; that some were recognised at all is the least to know of them. */
function isBare({ bare, packageCount }: InventoryView): boolean {
  return bare === true && packageCount > 0;
}

function unreadable({ what, why }: Incomplete): string {
  return `${oneLine(what, 200)} could not be read: ${oneLine(why, 250)}`;
}

function uncovered(inventory: InventoryView, match: MatchResult): readonly string[] {
  if (match.coverage.length === 0 && inventory.packageCount > 0) {
    return [
      `nothing says that advisories cover its ${plural(inventory.packageCount, 'package')}: what is not covered is not clean`,
    ];
  }
  return match.coverage
    .filter((entry) => !entry.covered)
    .map(
      ({ ecosystem, packages }) =>
        `no advisories cover ${oneLine(ecosystem, 100)} (${plural(packages, 'package')}): what is not covered is not clean`,
    );
}

function tooOld(require: AdvisoriesRequirement, match: MatchResult, at: number): readonly string[] {
  const oldest = oldestAdvisories(match);
  if (oldest === null) return [];
  if (Number.isNaN(oldest)) return ['how old the advisories are is not known'];
  if (at < oldest + require.maxAgeMilliseconds) return [];
  return [
    `the oldest advisories are of ${new Date(oldest).toISOString()}, and may be ${require.maxAge} old at most`,
  ];
}

/** The first instant at which the advisories are too old, in milliseconds since 1970; null: time will not do it. */
export function staleAt(policy: Policy, inventory: InventoryView, match: MatchResult): number | null {
  if (policy.require.advisories.action === 'ignore' || inventory.content === 'artifact') return null;
  const oldest = oldestAdvisories(match);
  if (oldest === null || Number.isNaN(oldest)) return null;
  return oldest + policy.require.advisories.maxAgeMilliseconds;
}

/**
 * When the oldest feed that took part was made; NaN where one that covers something does not say, null where
 * none took part (which is for the coverage requirement to judge).
 */
function oldestAdvisories(match: MatchResult): number | null {
  const dates = match.coverage
    .filter((entry) => entry.covered || entry.updatedAt !== null)
    .map((entry) => Date.parse(entry.updatedAt ?? ''));
  if (match.advisories.updatedAt !== null) dates.push(Date.parse(match.advisories.updatedAt));
  return dates.length === 0 ? null : Math.min(...dates);
}
