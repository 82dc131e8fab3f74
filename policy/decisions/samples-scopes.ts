import type { AskContext } from '../../core/context.ts';
import type { VerdictStatus } from '../../core/verdict.ts';

/**
 * One finding that a rule denies, an exception for it in some scope, and who asks. docs/policy.md shows this table,
 * and a test runs it through both stages.
 */
export interface ScopeDecision {
  /** What stands in the exception's `scope`; empty: none. */
  readonly scope: string;
  readonly asks: string;
  readonly context: Pick<AskContext, 'gate' | 'cluster' | 'namespace'>;
  /** What the verdict says, which every gate is given. */
  readonly verdict: VerdictStatus;
  /** What this gate says; where it lets through what the verdict denies, it says so. */
  readonly says: VerdictStatus;
}

const proxy = { gate: 'proxy', cluster: null, namespace: null } as const;
const shop = { gate: 'admission', cluster: 'prod', namespace: 'shop' } as const;

export const scopeDecisions: readonly ScopeDecision[] = [
  { scope: '', asks: 'the proxy', context: proxy, verdict: 'pass', says: 'pass' },
  { scope: 'policies: [example]', asks: 'the proxy', context: proxy, verdict: 'pass', says: 'pass' },
  { scope: 'namespaces: [shop]', asks: 'the proxy', context: proxy, verdict: 'fail', says: 'fail' },
  { scope: 'namespaces: [shop]', asks: 'admission in shop', context: shop, verdict: 'fail', says: 'warn' },
  { scope: 'namespaces: ["sh*"]', asks: 'admission in shop', context: shop, verdict: 'fail', says: 'warn' },
  { scope: 'namespaces: [bank]', asks: 'admission in shop', context: shop, verdict: 'fail', says: 'fail' },
  { scope: 'gates: [admission]', asks: 'admission in shop', context: shop, verdict: 'fail', says: 'warn' },
  { scope: 'gates: [ci]', asks: 'admission in shop', context: shop, verdict: 'fail', says: 'fail' },
  {
    scope: 'clusters: [test]',
    asks: 'admission in shop, of the cluster prod',
    context: shop,
    verdict: 'fail',
    says: 'fail',
  },
  {
    scope: 'policies: [example], namespaces: [shop]',
    asks: 'admission in shop',
    context: shop,
    verdict: 'fail',
    says: 'warn',
  },
];
