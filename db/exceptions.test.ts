import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at, exception } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';
import { openDatabase } from './sqlite.ts';
import { openState, openStateBeside } from './state.ts';

const first = exception();
const second = exception({ id: 'ex-000000000002', endsAt: Date.parse(at(30)) });

describe.each(engines)('granted exceptions in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  it('hold until they end or are revoked, and stay listed', async () => {
    await stores.addException(first);
    await stores.addException(second);
    expect(await stores.listExceptions(at(1))).toEqual([first, second]);
    expect(await stores.listExceptions(at(30))).toEqual([first]);
    expect(await stores.revokeException(first.id, 'bob', 'fixed', at(31))).toBe(true);
    const revoked = { ...first, revoked: { at: at(31), by: 'bob', reason: 'fixed' } };
    expect(await stores.listExceptions(at(32))).toEqual([]);
    expect(await stores.listExceptions(null)).toEqual([revoked, second]);
    stores = await engine.reopen();
    expect(await stores.listExceptions(null)).toEqual([revoked, second]);
  });

  it.each([
    ['that was never granted', 'ex-ffffffffffff', 1],
    ['that has ended', second.id, 31],
    ['that is revoked', first.id, 3],
  ])('are not revoked where there is none that holds: one %s', async (_what, id, minute) => {
    await stores.addException(first);
    await stores.addException(second);
    await stores.revokeException(first.id, 'bob', 'fixed', at(2));
    const version = await stores.exceptionsVersion();
    expect(await stores.revokeException(id, 'eve', 'again', at(minute))).toBe(false);
    expect(await stores.exceptionsVersion()).toBe(version);
  });

  it('have an id once', async () => {
    await stores.addException(first);
    await expect(stores.addException({ ...first, reason: 'another' })).rejects.toMatchObject({
      code: 'usage-invalid',
    });
    expect(await stores.listExceptions(null)).toEqual([first]);
    expect(await stores.audit(0, 10)).toHaveLength(1);
  });

  it('raise the version when one is added or revoked, and only then', async () => {
    const versions = [await stores.exceptionsVersion()];
    const told = async (): Promise<void> => void versions.push(await stores.exceptionsVersion());
    await stores.addException(first);
    await told();
    await stores.addAudit({ at: at(1), actor: 'pratique', action: 'ended', subject: 'x', detail: '{}' });
    await told();
    await stores.revokeException(first.id, 'bob', 'fixed', at(2));
    await told();
    expect(versions.map((version, index) => version > (versions[index - 1] ?? -1))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('leave a line for everything that happened, in a chain', async () => {
    await stores.addException(first);
    await stores.revokeException(first.id, 'bob', 'fixed', at(2));
    await stores.addAudit({
      at: at(3),
      actor: 'policy',
      action: 'listed-in-policy',
      subject: 'x',
      detail: '{}',
    });
    const lines = await stores.audit(0, 10);
    expect(
      lines.map(({ id, at: when, actor, action, subject }) => [id, when, actor, action, subject]),
    ).toEqual([
      [1, at(0), 'ann', 'granted', first.id],
      [2, at(2), 'bob', 'revoked', first.id],
      [3, at(3), 'policy', 'listed-in-policy', 'x'],
    ]);
    expect(JSON.parse(lines[1]?.detail ?? '')).toMatchObject({ revoked: { by: 'bob', reason: 'fixed' } });
    expect(new Set(lines.map(({ hash }) => hash)).size).toBe(3);
    expect(await stores.audit(2, 10)).toEqual(lines.slice(2));
    expect(await stores.brokenAudit()).toBeNull();
  });
});

describe('the audit log in the state file', () => {
  let dir: string;
  const file = (): string => join(dir, 'state.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-audit-'));
    const state = openState(file());
    for (const id of ['ex-1', 'ex-2', 'ex-3']) state.addException(exception({ id }));
    state.close();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const run = (...statements: readonly string[]): void => {
    const db = openDatabase(file());
    try {
      for (const statement of statements) db.exec(statement);
    } finally {
      db.close();
    }
  };
  const line = `VALUES (2, '', '', 'granted', '', '', '')`;
  it.each([
    `UPDATE audit SET actor = 'nobody' WHERE id = 2`,
    'DELETE FROM audit WHERE id = 2',
    `INSERT OR REPLACE INTO audit ${line}`,
    `REPLACE INTO audit ${line}`,
  ])('refuses %s', (statement) => {
    expect(() => run(statement)).toThrow('only ever appended to');
  });
  it('refuses that an exception is deleted', () => {
    expect(() => run('DELETE FROM exception')).toThrow('never deleted');
  });

  it('refuses that what was granted is changed', () => {
    expect(() => run(`UPDATE exception SET ends_at = ends_at + 1`)).toThrow('never changed');
  });

  it.each([
    [
      'an exception for something else',
      1,
      `UPDATE exception SET exception = replace(exception, 'CVE', 'CVX')`,
    ],
    ['an exception that ends later', 1, 'UPDATE exception SET ends_at = ends_at + 1'],
    ['a revocation that was taken back', 1, `UPDATE exception SET revoked = NULL`],
    [
      'an exception that nobody has granted',
      0,
      `INSERT INTO exception VALUES ('ex-x', 1, '{"endsAt":1}', NULL)`,
    ],
  ])('shows %s to who went round that', (_what, broken, statement) => {
    const before = openStateBeside(file());
    const [granted] = before.listExceptions(null);
    before.revokeException(granted?.id ?? '', 'bob', 'fixed', at(0));
    expect(before.brokenAudit()).toBeNull();
    before.close();
    run('DROP TRIGGER exception_not_changed', statement);
    const state = openStateBeside(file());
    expect(state.brokenAudit()).toBe(broken);
    state.close();
  });

  it.each([
    ['a changed line', 2, `UPDATE audit SET actor = 'nobody' WHERE id = 2`],
    ['a line that is gone', 3, 'DELETE FROM audit WHERE id = 2'],
    ['a first line that is gone', 2, 'DELETE FROM audit WHERE id = 1'],
    ['lines that were exchanged', 2, 'UPDATE audit SET subject = 5 - id WHERE id > 1'],
  ])('shows %s to who went round that', (_what, broken, statement) => {
    run('DROP TRIGGER audit_not_changed', 'DROP TRIGGER audit_not_deleted', statement);
    const state = openStateBeside(file());
    expect(state.brokenAudit()).toBe(broken);
    state.close();
  });

  it('is written beside a server, and only where there is a state of this version', () => {
    const server = openState(file());
    const version = server.exceptionsVersion();
    const beside = openStateBeside(file());
    beside.addException(exception({ id: 'ex-4' }));
    beside.close();
    expect(server.exceptionsVersion()).toBeGreaterThan(version);
    expect(server.listExceptions(null).map(({ id }) => id)).toContain('ex-4');
    server.close();
    expect(() => openStateBeside(join(dir, 'none.db'))).toThrow('cannot be used');
    run('PRAGMA user_version = 3');
    expect(() => openStateBeside(file())).toThrow('start "pratique serve" once');
  });
});
