import { describe, expect, it } from '@jest/globals';
import { type PodPath, parseSteps, stepsText } from '../kinds.ts';
import { notedKinds, readNotedKinds, type SentKind } from './sent-kinds.ts';

const path = (holds: PodPath['holds'], text: string): PodPath => ({ holds, steps: parseSteps(text) ?? [] });
const kinds: readonly SentKind[] = [
  {
    ...{ group: 'argoproj.io', versions: ['v1alpha1'], kind: 'Rollout', resource: 'rollouts' },
    paths: [path('template', 'spec.template')],
  },
  {
    ...{ group: 'a.io', versions: ['v1', 'v2'], kind: 'Set', resource: 'sets' },
    paths: [path('template', 'spec.jobs[].template'), path('spec', 'spec.pods.*.spec')],
  },
];

describe('what stands on a configuration of kinds', () => {
  it('is read as it was written', () => {
    expect(readNotedKinds(notedKinds(kinds), 'a', 'pratique')).toEqual(kinds);
  });

  it.each(['spec.template', 'spec.jobs[].template', '*.spec', 'a[].*.b'])('%s is one text', (text) => {
    expect(stepsText(parseSteps(text) ?? [])).toBe(text);
  });

  it.each([
    ['no JSON', '['],
    ['something else', '[{"group":"a.io"}]'],
    ['no path', notedKinds(kinds).replace('spec.template', 'spec/template')],
    ['no version', notedKinds(kinds).replace('["v1alpha1"]', '[]')],
  ])('%s is an error that says how to go on', (_what, text) => {
    expect(() => readNotedKinds(text, 'pratique.dev/kinds', 'pratique')).toThrow(
      /annotation pratique.dev\/kinds of the ValidatingWebhookConfiguration "pratique" cannot be read: take it away/,
    );
  });
});
