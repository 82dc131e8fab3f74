import { type Known, matchPackages, withKnown } from '../../advisories/match/index.ts';
import type { Finding } from '../../core/finding.ts';
import type { Inventory, OperatingSystem } from '../../core/inventory.ts';
import type { PackageMatches } from '../../core/match.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { assembleInventory } from '../../vetting/content.ts';
import type { ImageParts } from '../../vetting/ports.ts';
import { result, type TaskResult } from './result.ts';

export { warmTask } from './result.ts';

export interface MatchTask {
  readonly file: string;
  /** Revision that the caller takes for current; another one means that the file was swapped. */
  readonly revision: string;
  readonly inventory: Inventory;
}

/** What catalogues know of another scanner's findings. */
export interface KnownTask extends Omit<MatchTask, 'inventory'> {
  readonly os: OperatingSystem | null;
  readonly findings: readonly Finding[];
}

let index: { readonly key: string; readonly open: AdvisoryIndex } | null = null;

export function assembleTask(task: ImageParts): Promise<TaskResult<Inventory>> {
  return result(() => Promise.resolve(assembleInventory(task)));
}

export function matchTask(task: MatchTask): Promise<TaskResult<PackageMatches>> {
  return result(() => Promise.resolve(matchPackages(task.inventory, indexOf(task))));
}

export function knownTask(task: KnownTask): Promise<TaskResult<Known>> {
  return result(() => Promise.resolve(withKnown(task.findings, task.os, indexOf(task))));
}

function indexOf(task: Omit<MatchTask, 'inventory'>): AdvisoryIndex {
  const key = `${task.file} ${task.revision}`;
  if (index?.key === key) return index.open;
  index?.open.close();
  index = null;
  const open = openAdvisoryIndex(task.file);
  index = { key, open };
  return open;
}
