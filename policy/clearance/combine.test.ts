import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../../core/digest.ts';
import type { Descriptor } from '../../core/image.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../core/platform.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import { allows, type VerdictStatus } from '../../core/verdict.ts';
import { combine, namedChildren, noNamedPlatform } from './combine.ts';

function sha256(content: string): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}

function child(status: VerdictStatus, position: number): Clearance {
  const digest = sha256(`child ${position}`);
  const platform = position === 0 ? 'linux/amd64' : `linux/arm64/v${position}`;
  return {
    digest,
    status,
    allowed: allows(status),
    ruled: null,
    reasons: [`it is ${status}`],
    platforms: [{ platform, digest, status, verdict: null, failure: null }],
    transient: status === 'pending',
  };
}

describe('in a mode that refuses nothing', () => {
  const through = (status: VerdictStatus, position: number): Clearance => ({
    ...child(status, position),
    allowed: true,
  });

  it.each<readonly [VerdictStatus[], VerdictStatus]>([
    [['fail'], 'fail'],
    [['pass', 'fail'], 'fail'],
    [['pending', 'pass'], 'pending'],
  ])('%j is let through, and what is said of it stays', (statuses, status) => {
    for (const scope of ['serve', 'admit'] as const) {
      expect(combine(sha256('index'), statuses.map(through), scope)).toMatchObject({ allowed: true, status });
    }
  });

  it('one that is refused all the same decides for admission', () => {
    const children = [through('fail', 0), child('error', 1)];
    expect(combine(sha256('index'), children, 'admit')).toMatchObject({ allowed: false, status: 'error' });
    expect(combine(sha256('index'), children, 'serve')).toMatchObject({ allowed: true, status: 'fail' });
  });
});

const rows: readonly (readonly [VerdictStatus[], VerdictStatus, VerdictStatus])[] = [
  // children, serve, admit
  [['pass'], 'pass', 'pass'],
  [['warn'], 'warn', 'warn'],
  [['fail'], 'fail', 'fail'],
  [['error'], 'error', 'error'],
  [['pending'], 'pending', 'pending'],
  [['pass', 'warn'], 'warn', 'warn'],
  [['pass', 'fail'], 'pass', 'fail'],
  [['pass', 'error'], 'pass', 'error'],
  [['pass', 'pending'], 'pass', 'pending'],
  [['warn', 'fail'], 'warn', 'fail'],
  [['fail', 'pending'], 'pending', 'fail'],
  [['error', 'pending'], 'pending', 'error'],
  [['fail', 'error'], 'fail', 'fail'],
  [['pass', 'fail', 'pending'], 'pass', 'fail'],
  [['pass', 'error', 'pending'], 'pass', 'error'],
  [['fail', 'error', 'pending'], 'pending', 'fail'],
];

describe('whether waiting may change it', () => {
  it.each<readonly [VerdictStatus[], boolean, boolean]>([
    // children, serve, admit
    [['pending'], true, true],
    [['fail'], false, false],
    // One that is served is enough, and each has to be admitted.
    [['fail', 'pending'], true, false],
    [['error', 'pending'], true, false],
    [['pass', 'pending'], false, true],
  ])('of %j', (statuses, serve, admit) => {
    const children = statuses.map(child);
    expect(combine(sha256('index'), children, 'serve').transient).toBe(serve);
    expect(combine(sha256('index'), children, 'admit').transient).toBe(admit);
  });
});

describe('combine', () => {
  it.each(rows)('%j is served as %s and admitted as %s', (statuses, serve, admit) => {
    const children = statuses.map(child);
    const top = sha256('index');
    for (const scope of ['serve', 'admit'] as const) {
      const combined = combine(top, children, scope);
      expect([scope, combined.status]).toEqual([scope, scope === 'serve' ? serve : admit]);
      expect(combined.platforms).toHaveLength(statuses.length);
      expect(combined.digest).toBe(top);
    }
  });

  it('gives the reasons of those that decided, each with its platform', () => {
    const combined = combine(
      sha256('index'),
      [child('pass', 0), child('fail', 1), child('fail', 2)],
      'admit',
    );
    expect(combined.reasons).toEqual(['linux/arm64/v1: it is fail', 'linux/arm64/v2: it is fail']);
  });

  it('never allows an index without children', () => {
    for (const scope of ['serve', 'admit'] as const)
      expect(combine(sha256('index'), [], scope).status).toBe('error');
  });
});

function platformOf(text: string): Platform {
  const [os = '', architecture = '', variant] = text.split('/');
  return { os, architecture, variant: variant ?? null };
}

/** Platforms of an index's entries (null: none stated), platforms that are named, entries that have a say. */
const choices: readonly (readonly [(string | null)[], string[], number[]])[] = [
  [
    ['linux/amd64', 'linux/arm64', 'linux/s390x'],
    ['linux/amd64', 'linux/arm64'],
    [0, 1],
  ],
  [['linux/amd64', null], ['linux/amd64'], [0, 1]],
  [['linux/amd64', 'unknown/unknown'], ['linux/amd64'], [0]],
  [['linux/', '/amd64', '/'], ['linux/amd64'], [0, 1, 2]],
  [['windows/amd64', 'linux/riscv64'], ['linux/amd64'], []],
  [['linux/arm64/v8', 'linux/arm64/v9'], ['linux/arm64'], [0, 1]],
  [['linux/arm/v6', 'linux/arm/v7'], ['linux/arm/v7'], [1]],
  [
    ['linux/x86_64', 'linux/aarch64', 'Linux/AMD64'],
    ['linux/amd64', 'linux/arm64'],
    [0, 1, 2],
  ],
  [['linux/386'], ['linux/amd64'], [0]],
  [['linux/386', 'linux/amd64'], ['linux/amd64'], [1]],
  [
    ['linux/i386', 'linux/arm/v7', 'linux/arm/v6'],
    ['linux/amd64', 'linux/arm64'],
    [0, 1, 2],
  ],
  // An amd64 node that is no v3 takes the 32-bit one; so has it a say.
  [['linux/amd64/v3', 'linux/386'], ['linux/amd64'], [0, 1]],
  [['linux/amd64/v1', 'linux/386'], ['linux/amd64'], [0]],
  [['linux/arm64/v9', 'linux/arm/v7'], ['linux/arm64'], [0, 1]],
  [['linux/arm64/v8', 'linux/arm/v7'], ['linux/arm64'], [0]],
  [['windows/386'], ['linux/amd64'], []],
];

describe('namedChildren', () => {
  it.each(choices)('of %j for %j: %j', (entries, named, expected) => {
    const children = entries.map(
      (platform, position): Descriptor => ({
        mediaType: '',
        digest: sha256(String(position)),
        size: 1,
        platform: platform === null ? null : platformOf(platform),
      }),
    );
    const wanted = named.flatMap((text) => parsePlatform(text) ?? []);
    const chosen = namedChildren(children, wanted);
    expect(chosen.map((one) => children.indexOf(one))).toEqual(expected);
    if (expected.length > 0) return;
    const refusal = noNamedPlatform(children, wanted);
    for (const { platform } of children) {
      expect(refusal).toContain(platform === null ? '' : formatPlatform(platform));
    }
  });
});
