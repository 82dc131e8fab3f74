import { join, resolve } from 'node:path';
import { type Manifest, manifestsOf, renderChart } from './chart.ts';

/** Where the plain manifests lie, and what they are made of. */
export const plainFolder = resolve('deploy/kubernetes');
const chart = resolve('deploy/helm/pratique');

/** Labels that tell of Helm, which has no part in these. */
const helmLabels = ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/instance'];

const head = (what: string): string =>
  `# ${what}\n# Made from the chart (deploy/helm/pratique) by \`npm run deploy:manifests\` with values.yaml beside this file. Do not edit.\n`;

/** The files, by name. */
const files: readonly {
  readonly name: string;
  readonly what: string;
  readonly holds: (manifest: Manifest) => boolean;
}[] = [
  {
    name: 'webhook-configurations.yaml',
    what: 'Sends to the webhook whatever would run an image. Apply it last, when the webhook is ready.',
    holds: ({ kind }) => kind.endsWith('WebhookConfiguration'),
  },
  {
    name: 'webhook.yaml',
    what: 'The admission webhook on its own feet, with its rights.',
    holds: ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'webhook',
  },
  { name: 'proxy.yaml', what: 'The registry proxy with its volume.', holds: () => true },
];

/**
 * The plain manifests, by file name: the chart with fixed values, without what is Helm's.
 * @throws Error with what helm says
 */
export async function plainManifests(helm: string): Promise<ReadonlyMap<string, string>> {
  const text = await renderChart({
    ...{ helm, chart, release: 'pratique', namespace: 'pratique' },
    values: [join(plainFolder, 'values.yaml')],
  });
  const parts = text.split(/^---$/m).map(plain);
  const made = new Map<string, string>();
  for (const part of parts) {
    const [manifest] = manifestsOf(part);
    if (manifest === undefined) continue;
    const file = files.find(({ holds }) => holds(manifest));
    if (file === undefined) continue;
    made.set(file.name, `${made.get(file.name) ?? head(file.what)}---\n${part}`);
  }
  return made;
}

/** Without the lines that tell of Helm. */
function plain(part: string): string {
  const lines = part
    .split('\n')
    // Templates leave lines with nothing in them.
    .filter((line) => line.trim() !== '' && !line.startsWith('# Source: '))
    .filter((line) => !helmLabels.some((label) => line.trimStart().startsWith(`${label}: `)))
    .map((line) => line.trimEnd());
  return `${lines.join('\n').trim()}\n`;
}
