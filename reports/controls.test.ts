import { describe, expect, it } from '@jest/globals';
import { makeReport } from './make.ts';
import { askOf, digest, outcome, pick } from './samples.ts';

const controls = ['A-1', 'A-2', 'A-3', 'A-4'].map((id) => ({ id, title: `Control ${id}` }));
const rule = (id: string, ...held: string[]) => ({ id, title: id, controls: held });
const policies = [
  {
    name: 'baseline',
    revision: 'r',
    rules: [rule('critical', 'A-1', 'A-2'), rule('old', 'A-3')],
    exceptions: [],
  },
];

describe('the report on controls', () => {
  it('says which are failed by how many images, which are held, and which nobody looks at', async () => {
    const images = [
      {
        digest: digest(1),
        verdicts: [
          { rules: [outcome({ controls: ['A-1', 'A-2'], action: 'warn' as const })] },
          { policy: 'strict', rules: [outcome({ id: 'any', controls: ['A-1'] })] },
        ],
      },
      { digest: digest(2), verdicts: [{ rules: [outcome({ controls: ['A-1'] })] }] },
      { digest: digest(3) },
    ];
    const table = await makeReport('controls', askOf({ images }, {}, { controls, policies }));
    expect(pick(table, 'control', 'state', 'failed', 'warned', 'images', 'rules')).toEqual([
      ['A-1', 'failed', 2, 0, 3, ['baseline/critical', 'strict/any']],
      ['A-2', 'warned', 0, 1, 3, ['baseline/critical']],
      ['A-4', 'not assessed', null, null, 3, []],
      ['A-3', 'held', 0, 0, 3, ['baseline/old']],
    ]);
  });

  it('holds nothing to be held where no image was judged', async () => {
    const table = await makeReport('controls', askOf({}, {}, { controls, policies }));
    expect(pick(table, 'control', 'state')).toContainEqual(['A-1', 'no image judged']);
  });

  it('is not complete without the policies', async () => {
    const problem = 'policy.yaml: line 3: no such rule';
    const table = await makeReport('controls', askOf({}, {}, { controls, policies: [], problem }));
    expect(table.incomplete).toEqual([expect.stringContaining(problem)]);
  });
});
