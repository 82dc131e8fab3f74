import { z } from 'zod';
import { type ReportKind, reportKinds } from '../../webhook/running/policy-report.ts';
import { strict } from './strict.ts';

const namespaceText = 'a name of at most 63 letters, digits and hyphens';
const reportsText = `off, ${reportKinds.join(' or ')}`;
const kubeconfigText = 'a kubeconfig file, or in-cluster';

/** Looks after what runs in the cluster. */
export const runningSchema = strict({
  kubeconfig: z.string({ error: kubeconfigText }).min(1, { error: kubeconfigText }),
  reports: z.enum(['off', ...reportKinds], { error: reportsText }).default('off'),
  events: z.boolean({ error: 'true or false' }).default(true),
  /** Of the lease. */
  namespace: z
    .string({ error: namespaceText })
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: namespaceText })
    .optional(),
});

export interface RunningConfig {
  /** A kubeconfig file; null: from the environment. */
  readonly kubeconfig: string | null;
  /** Which reports are written into the cluster; null: none. */
  readonly reports: ReportKind | null;
  /** Whether Events on Pods are written. */
  readonly events: boolean;
  /** Where the lease is; null: in the Pod's own namespace. */
  readonly namespace: string | null;
}

/** @param place reads where the API server is: null for what surrounds the process */
export function buildRunning(
  file: z.output<typeof runningSchema> | undefined,
  place: (kubeconfig: string) => string | null,
): RunningConfig | null {
  if (file === undefined) return null;
  const { kubeconfig, reports, events, namespace } = file;
  return {
    kubeconfig: place(kubeconfig),
    reports: reports === 'off' ? null : reports,
    events,
    namespace: namespace ?? null,
  };
}
