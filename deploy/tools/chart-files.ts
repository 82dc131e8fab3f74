import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import {
  type Manifest,
  type Mode,
  mutatingManifest,
  validatingManifest,
  type Wanted,
} from '../../webhook/install/manifests.ts';

/** Where the chart has what the program says. */
export const chartFolder = resolve('deploy/helm/pratique/files');

/** What the command line would install for a release `pratique` in the namespace `pratique`. */
export function installedBy(mode: Mode, excluded: readonly string[]): readonly Manifest[] {
  const wanted: Wanted = {
    ...{ name: 'pratique', mode, excluded, ca: null, mutate: true, kinds: [], rules: [] },
    place: { kind: 'service', namespace: 'pratique', name: 'pratique-webhook', port: 443 },
  };
  return mode === 'audit'
    ? [validatingManifest(wanted)]
    : [validatingManifest(wanted), mutatingManifest(wanted)];
}

const ruled = z.array(z.object({ rules: z.array(z.record(z.string(), z.unknown())) })).length(1);

/** What the chart holds of others, by file name: which objects are sent, as the program has it, and what watches it. */
export function chartFiles(): ReadonlyMap<string, string> {
  const [judge, mutate] = installedBy('enforce', []);
  const watching = ['alerts.yaml', 'dashboard.json'] as const;
  return new Map([
    ['rules.yaml', rulesText(judge)],
    ['mutating-rules.yaml', rulesText(mutate)],
    ...watching.map((name) => [name, readFileSync(resolve('deploy/monitoring', name), 'utf8')] as const),
  ]);
}

function rulesText(manifest: Manifest | undefined): string {
  const [webhook] = ruled.parse(manifest?.webhooks);
  const head = '# Made by `npm run deploy:manifests` from webhook/install/manifests.ts. Do not edit.\n';
  return `${head}${stringify(webhook?.rules, { aliasDuplicateObjects: false, flowCollectionPadding: false })}`;
}
