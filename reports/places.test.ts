import { describe, expect, it } from '@jest/globals';
import { noCluster } from '../core/ports/sightings.ts';
import { makeReport } from './make.ts';
import { askOf, digest, type Given, pick } from './samples.ts';

const fleet: readonly Given[] = [
  {
    digest: digest(1),
    images: ['r/bad'],
    verdicts: [{ status: 'fail' }],
    running: [
      { team: 'red' },
      { workload: 'Job/load', team: 'red' },
      { namespace: 'bank', team: 'blue' },
      { cluster: 'test', team: null },
    ],
  },
  { digest: digest(2), images: ['r/good'], running: [{ team: 'red' }] },
  { digest: digest(3), images: ['r/unseen'], verdicts: [{ status: 'fail' }] },
  { digest: digest(4), images: ['r/new:1'], verdicts: [], running: [{ team: 'blue' }] },
];

describe('the reports on places', () => {
  it('counts an image once in a namespace, however often it runs there', async () => {
    const table = await makeReport('namespaces', askOf({ images: fleet }));
    expect(pick(table, 'cluster', 'namespace', 'policy', 'images', 'fail', 'pass', 'worst')).toEqual([
      ['prod', 'bank', 'baseline', 1, 1, 0, ['r/bad (fail)']],
      ['prod', 'shop', 'baseline', 2, 1, 1, ['r/bad (fail)']],
      ['test', 'shop', 'baseline', 1, 1, 0, ['r/bad (fail)']],
      ['prod', 'shop', null, 1, 0, 0, ['r/new:1 (no verdict)']],
    ]);
  });

  it('names no cluster where none is configured', async () => {
    const images = [{ digest: digest(1), running: [{ cluster: noCluster }] }];
    const table = await makeReport('namespaces', askOf({ images }));
    expect(pick(table, 'cluster', 'namespace')).toEqual([[null, 'shop']]);
  });

  it('tells of images that run without a verdict', async () => {
    const table = await makeReport('namespaces', askOf({ images: fleet }));
    expect(table.notes).toContainEqual('1 running image has no verdict: a row without a policy');
  });

  it('counts by the label of a team, with a row for those without one', async () => {
    const table = await makeReport('teams', askOf({ images: fleet }));
    expect(pick(table, 'team', 'policy', 'images', 'fail')).toEqual([
      [null, 'baseline', 1, 1],
      ['blue', 'baseline', 1, 1],
      ['red', 'baseline', 2, 1],
      ['blue', null, 1, 0],
    ]);
  });

  it('shows one namespace', async () => {
    const table = await makeReport('namespaces', askOf({ images: fleet }, { namespace: 'bank' }));
    expect(pick(table, 'namespace', 'images')).toEqual([['bank', 1]]);
  });
});
