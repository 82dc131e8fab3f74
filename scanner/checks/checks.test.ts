import { describe, expect, it } from '@jest/globals';
import { type CheckId, checkIds, type ImageFacts } from '../../core/inventory.ts';
import { checks, findChecks } from './index.ts';

const clean: ImageFacts = { created: null, user: '1000', labels: {}, exposedPorts: [], healthcheck: true };

/** For each check what it finds and what it does not. */
const rows: readonly [id: CheckId, facts: Partial<ImageFacts>, found: boolean][] = [
  ['runs-as-root', { user: null }, true],
  ['runs-as-root', { user: '' }, true],
  ['runs-as-root', { user: 'root' }, true],
  ['runs-as-root', { user: 'root:wheel' }, true],
  ['runs-as-root', { user: '0' }, true],
  ['runs-as-root', { user: '0:1000' }, true],
  ['runs-as-root', { user: '000' }, true],
  ['runs-as-root', { user: '-0' }, true],
  ['runs-as-root', { user: '+0:0' }, true],
  ['runs-as-root', { user: ':1000' }, true],
  ['runs-as-root', { user: '1000' }, false],
  ['runs-as-root', { user: '1000:0' }, false],
  ['runs-as-root', { user: 'nobody' }, false],
  ['runs-as-root', { user: '10' }, false],
  ['no-healthcheck', { healthcheck: false }, true],
  ['no-healthcheck', { healthcheck: true }, false],
  ['exposes-ssh', { exposedPorts: ['80/tcp', '22/tcp'] }, true],
  ['exposes-ssh', { exposedPorts: ['22'] }, true],
  ['exposes-ssh', { exposedPorts: ['22/TCP'] }, true],
  ['exposes-ssh', { exposedPorts: ['0022'] }, true],
  ['exposes-ssh', { exposedPorts: ['20-30/tcp'] }, true],
  ['exposes-ssh', { exposedPorts: ['22/udp'] }, false],
  ['exposes-ssh', { exposedPorts: ['2222/tcp', '220', 'ssh', '', '-22'] }, false],
];

describe('checks', () => {
  it.each(rows)('%s of %j: %s', (id, facts, found) => {
    expect(findChecks({ ...clean, ...facts }).map((check) => check.id)).toEqual(found ? [id] : []);
  });

  it.each(checks.map((check) => [check.id, check] as const))(
    '%s keeps the contract: a version, one printable sentence, pure',
    (_id, check) => {
      const worst: ImageFacts = {
        created: '\u0000',
        user: '0:\u001b[31m',
        labels: {},
        exposedPorts: ['22/tcp'],
        healthcheck: false,
      };
      expect(check.version).toBeGreaterThan(0);
      expect(check.find(worst)).toMatch(/^[\x20-\x7e]{10,200}$/);
      expect(check.find(worst)).toBe(check.find(worst));
      expect(check.find(clean)).toBeNull();
    },
  );

  it('are all in the list, each with rows of both kinds here', () => {
    expect(checks.map(({ id }) => id).sort()).toEqual([...checkIds].sort());
    for (const id of checkIds) {
      expect(new Set(rows.filter((row) => row[0] === id).map((row) => row[2]))).toEqual(
        new Set([true, false]),
      );
    }
  });
});
