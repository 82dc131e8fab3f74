import { describe, expect, it } from '@jest/globals';
import { plainContext } from '../../core/context.ts';
import { type AskerFlags, askerOf } from './asker.ts';

describe('who asks, by the options', () => {
  const rows: readonly [what: string, flags: AskerFlags, expected: object][] = [
    ['nothing: a pull', {}, plainContext('proxy')],
    ['a user: a pull', { user: 'ada', group: ['ops'] }, { gate: 'proxy', user: 'ada', groups: ['ops'] }],
    ['a cluster: admission', { cluster: 'eu' }, { gate: 'admission', cluster: 'eu', namespaceLabels: {} }],
    ['a gate outranks that', { gate: 'runtime', cluster: 'eu' }, { gate: 'runtime' }],
    ['a namespace without labels: nobody knows them', { namespace: 'web' }, { namespaceLabels: null }],
    [
      'a namespace with labels: its own name is one of them',
      { namespace: 'web', namespaceLabel: ['team=a=b', 'x.example/y='] },
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'web', team: 'a=b', 'x.example/y': '' } },
    ],
    [
      'labels of a workload',
      { workloadLabel: ['app=shop'] },
      { gate: 'admission', workloadLabels: { app: 'shop' } },
    ],
    ['a service account', { serviceAccount: 'web/shop' }, { serviceAccount: 'web/shop' }],
    ['one of the namespace', { namespace: 'web', serviceAccount: 'shop' }, { serviceAccount: 'web/shop' }],
  ];
  it.each(rows)('%s', (_what, flags, expected) => {
    expect(askerOf(flags)).toMatchObject(expected);
  });

  it.each<[AskerFlags, RegExp]>([
    [{ namespaceLabel: ['team'] }, /--namespace-label: found "team", allowed NAME=VALUE/],
    [{ workloadLabel: ['=x'] }, /--workload-label: found "=x"/],
    [{ serviceAccount: 'shop' }, /--service-account: found "shop", allowed NAMESPACE\/NAME/],
  ])('%j is wrong', (flags, told) => {
    expect(() => askerOf(flags)).toThrow(told);
  });
});
