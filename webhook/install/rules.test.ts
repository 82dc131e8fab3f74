import { describe, expect, it } from '@jest/globals';
import { clusterRules, type Rule, ruleOf, rulesBeside } from './rules.ts';

const rollouts = ruleOf({ group: 'argoproj.io', versions: ['v1alpha1'], resource: 'rollouts' });
const pods: Rule = {
  ...{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
  ...{ operations: ['CREATE'], scope: 'Namespaced' },
};

describe('rules that stay when a configuration is applied again', () => {
  const rows: readonly (readonly [what: string, rule: Rule, stays: boolean])[] = [
    ['what is sent anyway', pods, false],
    ['a kind that is sent anyway', rollouts, false],
    ['another kind', { ...rollouts, resources: ['rollouts', 'experiments'] }, true],
    ['another version', { ...rollouts, apiVersions: ['v1'] }, true],
    ['another group', { ...rollouts, apiGroups: ['*'] }, true],
    ['another operation', { ...pods, operations: ['CREATE', 'DELETE'] }, true],
    ['another scope', { ...pods, scope: '*' }, true],
  ];
  it.each(rows)('%s', (_what, rule, stays) => {
    expect(rulesBeside([rule], [...clusterRules, rollouts])).toEqual(stays ? [rule] : []);
  });
});
