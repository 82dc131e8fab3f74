import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);

/** An object as the API server gets it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

export interface Rendering {
  /** Path of helm. */
  readonly helm: string;
  /** Folder of the chart. */
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  /** Files with values; later ones outrank. */
  readonly values: readonly string[];
  /** `--set`, such as `webhook.replicas=3`. */
  readonly set?: readonly string[];
}

/**
 * What `helm template` makes of the chart.
 * @throws Error with what helm says
 */
export async function renderChart(rendering: Rendering): Promise<string> {
  const { helm, chart, release, namespace, values, set = [] } = rendering;
  const { stdout } = await run(
    helm,
    [
      ...['template', release, chart, '--namespace', namespace],
      ...values.flatMap((file) => ['--values', file]),
      ...set.flatMap((one) => ['--set', one]),
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

/**
 * The objects of a text with YAML documents; empty documents are none.
 * @throws Error where a document is no YAML
 */
export function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    return isManifest(value) ? [value] : [];
  });
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}
