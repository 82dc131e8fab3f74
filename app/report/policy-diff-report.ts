import type { Digest } from '../../core/digest.ts';
import { allows, type VerdictStatus } from '../../core/verdict.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { formatTable } from './table.ts';

/** What is said of an image in one place, and what a gate makes of it. */
export interface Said {
  readonly status: VerdictStatus;
  readonly allowed: boolean;
}

/** An image of which something else would be said. */
export interface DiffRow {
  readonly digest: Digest;
  /** As it was asked for where it runs, else the first of its repositories with the digest. */
  readonly name: string;
  /** Repositories that hold it. */
  readonly images: readonly string[];
  /** Where it runs, `cluster/namespace/workload`; empty: it was not let in anywhere, and the row is about pulls. */
  readonly running: readonly string[];
  readonly from: Said;
  readonly to: Said;
  /** The rule that makes it; null: no rule, but what the image is, or a binding. */
  readonly rule: string | null;
  readonly reason: string;
}

export interface DiffCounts {
  /** Recorded images that were looked at, and of those how many run. */
  readonly images: number;
  readonly running: number;
  /** Images of which something else would be said, and of those how many run. */
  readonly changed: number;
  readonly changedRunning: number;
  /** Images that would be refused and are not, and the other way round. */
  readonly newlyRefused: number;
  readonly newlyAllowed: number;
  /** By `from -> to`, the most frequent first. */
  readonly steps: readonly { readonly step: string; readonly images: number }[];
  /** Images without an inventory that can be judged: nothing can be foretold of them. */
  readonly unknown: number;
}

export interface PolicyDiff {
  readonly from: { readonly name: string; readonly revision: string };
  readonly to: { readonly name: string; readonly revision: string };
  readonly rows: readonly DiffRow[];
  /** Rows that were left out to keep the answer short. */
  readonly more: number;
  readonly counts: DiffCounts;
}

/** `fail`, or `fail (let through)` where a mode does. */
export function saidText({ status, allowed }: Said): string {
  if (allowed === allows(status)) return status;
  return allowed ? `${status} (let through)` : `${status} (refused)`;
}

export function stepText(from: Said, to: Said): string {
  return `${saidText(from)} -> ${saidText(to)}`;
}

/** For a person: running ones first, counts last. */
export function diffTable(diff: PolicyDiff): string {
  const { counts } = diff;
  const head = `from ${nameOf(diff.from)} to ${nameOf(diff.to)}`;
  const total = `${plural(counts.images, 'recorded image')}, of which ${counts.running} ${counts.running === 1 ? 'runs' : 'run'}`;
  if (counts.changed === 0) return [head, `nothing changes for ${total}`, ...unknownLines(counts)].join('\n');
  const rows = diff.rows.map(({ running, name, from, to, rule, reason }) => [
    running.length === 0 ? '' : runningText(running),
    oneLine(name, 160).replace(/(@sha(?:256|512):[0-9a-f]{12})[0-9a-f]+$/, '$1'),
    stepText(from, to),
    rule ?? '',
    oneLine(reason, 200),
  ]);
  return [
    head,
    '',
    formatTable(['RUNS IN', 'IMAGE', 'CHANGE', 'RULE', 'WHY'], rows),
    ...(diff.more === 0 ? [] : [`and ${plural(diff.more, 'more row')}: --limit shows more`]),
    '',
    `${counts.changed} of ${total}: ${counts.changedRunning} of those that run, ${plural(counts.newlyRefused, 'image')} would be refused that ${counts.newlyRefused === 1 ? 'is' : 'are'} not, ${counts.newlyAllowed} would be let through`,
    ...counts.steps.map(({ step, images }) => `  ${String(images).padStart(6)}  ${step}`),
    ...unknownLines(counts),
  ].join('\n');
}

function unknownLines({ unknown }: DiffCounts): readonly string[] {
  return unknown === 0
    ? []
    : [`nothing is foretold of ${plural(unknown, 'image')} without an inventory of this version`];
}

function runningText(places: readonly string[]): string {
  const first = oneLine(places[0] ?? '', 100);
  return places.length > 1 ? `${first} +${places.length - 1}` : first;
}

function nameOf({ name, revision }: PolicyDiff['from']): string {
  return `${oneLine(name, 100)} (${revision})`;
}
