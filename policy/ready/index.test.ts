import { describe, expect, it } from '@jest/globals';
import { readyPolicies } from './index.ts';

describe('the policies that are always there', () => {
  it.each([...readyPolicies.keys()])(
    '%s can be read, bears its name, and every rule stands for something',
    (name) => {
      const policy = readyPolicies.get(name)?.();
      expect(policy?.name).toBe(name);
      for (const rule of policy?.rules ?? [])
        expect([rule.id, rule.controls.length]).not.toEqual([rule.id, 0]);
      expect(structuredClone(policy)).toEqual(policy);
    },
  );

  it('audit denies nothing', () => {
    const policy = readyPolicies.get('audit')?.();
    expect(policy?.rules.filter((rule) => rule.action === 'deny')).toEqual([]);
    expect(policy?.artifacts).toBe('allow');
  });
});
