import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { environmentPath, findProgram } from './programs.ts';

/** The programs that a cluster without nodes is made of. */
export interface KubernetesPrograms {
  readonly etcd: string;
  readonly apiServer: string;
  /** null: the one of `kubeTools`. */
  readonly kubectl: string | null;
  /** null: nobody makes Pods from ReplicaSets there, and no garbage is collected. */
  readonly controllerManager: string | null;
}

/**
 * Found as envtest finds them: KUBEBUILDER_ASSETS names the folder of etcd and kube-apiserver. No package manager has
 * them, so nobody can require them (PRATIQUE_E2E_REQUIRE): without them the tests print `not run: kube-apiserver`.
 */
export function findKubernetes(): KubernetesPrograms | null {
  const folder = environmentPath('KUBEBUILDER_ASSETS', 'kube-apiserver');
  if (folder === null) return null;
  const there = (name: string): string | null => (isProgram(join(folder, name)) ? join(folder, name) : null);
  const etcd = there('etcd') ?? findProgram('etcd');
  const apiServer = there('kube-apiserver');
  const kubectl = (process.env.KUBECTL ?? '') === '' ? there('kubectl') : null;
  if (etcd === null || apiServer === null) {
    const missing = [...(etcd === null ? ['etcd'] : []), ...(apiServer === null ? ['kube-apiserver'] : [])];
    process.stdout.write(`not run: kube-apiserver (${folder} has no ${missing.join(', no ')})\n`);
    return null;
  }
  const named = process.env.KUBE_CONTROLLER_MANAGER ?? '';
  const controllerManager = named === '' ? there('kube-controller-manager') : named;
  return { etcd, apiServer, kubectl, controllerManager };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
