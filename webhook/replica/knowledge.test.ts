import { describe, expect, it } from '@jest/globals';
import type { HeldVerdict } from '../../core/ports/replica.ts';
import { unreadRevision } from '../../core/replica.ts';
import type { Verdict } from '../../core/verdict.ts';
import { Knowledge } from './knowledge.ts';
import { digestOf, groundOf, start, verdictEntry } from './samples.ts';

const digest = digestOf('a');
const minute = 60_000;
const iso = (at: number): string => new Date(at).toISOString();

interface Known {
  readonly status?: 'pass' | 'fail';
  readonly verdict?: Partial<Verdict> | null;
  /** Milliseconds before now; null: never. */
  readonly heard?: number | null;
  readonly asked?: number;
  /** The policy whose verdict was told. */
  readonly askedBy?: string;
  readonly maxAge?: string;
}

function wordOf({
  status = 'pass',
  verdict = {},
  heard = 0,
  asked,
  askedBy = 'baseline',
  maxAge,
}: Known): string {
  const held: HeldVerdict | null = verdict === null ? null : verdictEntry(digest, status, verdict);
  const heardAt = heard === null ? null : start - heard;
  const knowledge = new Knowledge({ verdict: () => held, heardAt: () => heardAt }, () => start);
  if (asked !== undefined) knowledge.heardOf({ digest, policy: askedBy }, start - asked);
  const [binding] = groundOf(`id: a${maxAge === undefined ? '' : `, maxAge: ${maxAge}`}`).rulebook.set
    .bindings;
  const policy = groundOf('id: a').rulebook.set.policies.get('baseline');
  if (binding === undefined || policy === undefined) throw new Error('no binding');
  const word = knowledge.word(digest, { binding, policy });
  return word.kind === 'none' ? word.why : `${word.verdict.status}${word.isOver ? ', over' : ''}`;
}

describe('what is known of an image', () => {
  it.each<readonly [string, Known, RegExp]>([
    ['counts', {}, /^pass$/],
    [
      'is as old as before where another policy alone was told of',
      { heard: 2 * minute, asked: 0, askedBy: 'other', maxAge: '1m' },
      /the proxy was heard of last/,
    ],
    ['counts where it refuses', { status: 'fail' }, /^fail$/],
    ['is nothing where nothing is held', { verdict: null }, /nothing is known/],
    [
      'says nothing by another revision of the policy',
      { verdict: { policyRevision: 'other' } },
      /another revision/,
    ],
    ['says nothing of a time to come', { verdict: { evaluatedAt: iso(start + 31_000) } }, /clocks/],
    ['counts within what clocks may differ', { verdict: { evaluatedAt: iso(start + 29_000) } }, /^pass$/],
    ['lets nobody in past its time', { verdict: { validUntil: iso(start) } }, /held until/],
    ['turns into what it said', { verdict: { next: { at: iso(start), status: 'fail' } } }, /^pass$/],
    [
      'never turns into what lets in',
      { status: 'fail', verdict: { next: { at: iso(start), status: 'pass' } } },
      /held until/,
    ],
    [
      'refuses past its time where that was to follow',
      { verdict: { validUntil: iso(start), next: { at: iso(start), status: 'error' } } },
      /^pass, over$/,
    ],
    [
      'is an error where it could not be read, by whatever revision and of whatever time',
      { verdict: { policyRevision: unreadRevision, status: 'error', evaluatedAt: iso(start + minute) } },
      /^error$/,
    ],
  ])('%s', (_what, known, expected) => {
    expect(wordOf(known)).toMatch(expected);
  });
});

describe('maxAge', () => {
  it.each<readonly [string, Known, boolean]>([
    ['left out, and the proxy not heard of for long', { heard: 1000 * minute }, true],
    ['not reached', { maxAge: '10m', heard: 9 * minute }, true],
    ['reached', { maxAge: '10m', heard: 10 * minute }, true],
    ['passed', { maxAge: '10m', heard: 10 * minute + 1 }, false],
    ['passed, and the image was asked for since', { maxAge: '10m', heard: 60 * minute, asked: minute }, true],
    ['passed by both', { maxAge: '10m', heard: 60 * minute, asked: 11 * minute }, false],
    ['with a proxy that was never heard of', { maxAge: '10m', heard: null }, false],
    ['with a proxy that was heard at a time to come', { maxAge: '10m', heard: -31_000 }, false],
    ['with a clock that is a little behind', { maxAge: '10m', heard: -29_000 }, true],
  ])('%s', (_what, known, counts) => {
    for (const status of ['pass', 'fail'] as const) {
      const word = wordOf({ ...known, status });
      if (counts) expect(word).toBe(status);
      else if (status === 'fail') expect(word).toBe('fail, over');
      else expect(word).toMatch(/the proxy was heard of .* acted on for 10m at most/);
    }
  });
});
