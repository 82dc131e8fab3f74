import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { importFeeds } from '../../../test/support/pratique.ts';
import { benchFeeds } from './feeds.ts';

/** Everything is inspected, matched and judged, and nothing refused, whatever an image holds. */
export const policy = `
version: 1
name: bench
rules:
  - { id: any, title: Anything known, action: warn, when: { severity: { atLeast: negligible, unknown: true } } }
require: { coverage: warn, completeInventory: warn, advisories: { maxAge: 3650d, action: warn } }
`;

/** A data folder with advisories, a policy and a configuration. @returns options of `pratique scan` */
export async function dataFolder(
  dir: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  await importFeeds(dir, benchFeeds());
  const file = join(dir, 'pratique.yaml');
  const policyFile = join(dir, 'policy.yaml');
  writeFileSync(policyFile, policy);
  writeFileSync(file, stringify({ data: join(dir, 'data'), policy: policyFile, ...config }));
  return ['--config', file];
}
