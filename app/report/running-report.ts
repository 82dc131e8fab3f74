import { plural } from '../../policy/text.ts';
import type { RunningAnswer } from './running-answer.ts';
import { formatTable } from './table.ts';

type Row = RunningAnswer['rows'][number];

export function runningJson(answer: RunningAnswer): string {
  return JSON.stringify(answer, null, 2);
}

/** @param all those too that pass */
export function runningText(answer: RunningAnswer, all: boolean): string {
  const { leader, holder, synced, trouble } = answer;
  if (!leader) {
    return holder === null
      ? 'Nobody looks after what runs: no process holds the lease at the moment.'
      : `Another process looks after what runs: ask ${holder.replace(/_[0-9a-f]+$/, '')}.`;
  }
  if (!synced)
    return `The Pods of the cluster have not been seen yet${trouble === null ? '' : `: ${trouble}`}.`;
  const rows = answer.rows.filter(({ status }) => all || status !== 'pass');
  const table = rows.length === 0 ? [] : [formatTable(header, rows.map(cellsOf)), ''];
  return [...table, ...linesOf(answer, rows.length, all)].join('\n');
}

const header = ['STATUS', 'IMAGE', 'NAMESPACE', 'WORKLOAD', 'PODS', 'SINCE', 'WORST', 'FIX'];

function cellsOf(row: Row): readonly string[] {
  const { status, refused, image, namespace, workload, pods, since, wentBad, worst, fix, reason } = row;
  return [
    refused ? `${status}, refused` : status,
    shortened(image),
    namespace,
    workload,
    String(pods),
    since === null ? '-' : `${since.slice(0, 16).replace('T', ' ')}${wentBad ? ', went bad' : ''}`,
    worst ?? (reason === null || reason === '' ? '-' : reason),
    fix ?? '-',
  ];
}

/** Twelve digits of a digest tell one from another. */
function shortened(image: string): string {
  return image.replace(/(@sha(?:256|512):[0-9a-f]{12})[0-9a-f]+/, '$1');
}

function linesOf(
  { counts, pods, total, unread, waiting, trouble, rows }: RunningAnswer,
  shown: number,
  all: boolean,
): string[] {
  const { images, refused, wentBad, fixable } = counts;
  const bad = images.fail + images.error;
  const listed = all ? total : total - images.pass;
  return [
    `${plural(pods, 'Pod')}, ${plural(total, 'image')} in workloads: ${bad} bad, ${images.warn} with warnings, ${images.pass} pass, ${images.unjudged} not judged.`,
    `${refused} would be refused if they were to start now, ${wentBad} went bad after they had been let in, ${fixable} of the bad ones have a fix.`,
    ...(shown < listed && rows.length < total ? [`${listed - shown} more: --limit`] : []),
    ...(waiting === 0 ? [] : [`${plural(waiting, 'image')} still to be judged.`]),
    ...(unread === 0
      ? []
      : [`${plural(unread, 'image')} or Pods could not be read: nobody knows what they run.`]),
    ...(trouble === null ? [] : [`This is old: ${trouble}`]),
  ];
}
