import { afterAll, beforeAll, describe } from '@jest/globals';
import { temporaryDirectory } from '../../support/temp.ts';
import { type Cluster, type ClusterOptions, startCluster } from './kubernetes.ts';
import { findKubernetes } from './kubernetes-programs.ts';

/** Milliseconds: a machine that has other things to do starts a cluster slowly. */
const toOpen = 240_000;
const toClose = 60_000;

/** null: there are none here, which `findKubernetes` has printed. */
const programs = findKubernetes();

/** The name of what makes Pods of Deployments, where it is not here: said once more, as `kube-apiserver` may be there. */
export function missingControllers(): string | null {
  if (programs === null || programs.controllerManager !== null) return null;
  process.stdout.write('not run: kube-controller-manager (it is not in KUBEBUILDER_ASSETS)\n');
  return 'kube-controller-manager';
}

type Closable = { close(): Promise<void> } | { stop(): Promise<void> };

/** What a suite opens is closed behind its tests, the last first, also where opening the rest has failed. */
export interface Opening {
  /** @param dir is made; left out: one of its own */
  cluster(options?: ClusterOptions, dir?: string): Promise<Cluster>;
  closing<T extends Closable>(opened: T): T;
}

/** The `beforeAll` of a suite: hands in what starts a cluster. */
export type BeforeTests = (open: (opening: Opening) => Promise<void>) => void;

/**
 * A `describe` with a real cluster.
 * @param missing another program that it needs and that is not here; who looked for it has printed that
 */
export function describeCluster(
  title: string,
  tests: (beforeTests: BeforeTests) => void,
  missing: string | null = null,
): void {
  const lacking = programs === null ? 'kube-apiserver' : missing;
  if (programs === null || lacking !== null) {
    describe.skip(`${title} (not run: ${lacking})`, () => tests(() => undefined));
    return;
  }
  describe(title, () => {
    const opened: Closable[] = [];
    const closing = <T extends Closable>(one: T): T => {
      opened.push(one);
      return one;
    };
    const opening: Opening = {
      cluster: async (options = {}, dir = temporaryDirectory()) =>
        closing(await startCluster(programs, dir, options)),
      closing,
    };
    tests((open) => beforeAll(() => open(opening), toOpen));
    afterAll(async () => {
      for (const one of opened.reverse()) await ('close' in one ? one.close() : one.stop());
    }, toClose);
  });
}
