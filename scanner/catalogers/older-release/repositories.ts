import type { OperatingSystem } from '../../../core/inventory.ts';

/** Where apk gets packages from: a line each, tagged ones (`@testing`) for what asks for them by name. */
export const repositoriesFile = 'etc/apk/repositories';

const repository = /\/(edge|v[0-9]{1,3}\.[0-9]{1,3})\/(?:main|community)\/?$/;

/** The one release whose repositories an Alpine draws from; null: none, or several. */
export function releaseOfRepositories(text: string): OperatingSystem | null {
  const releases = new Set<string>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const release = line.startsWith('#') || line.startsWith('@') ? undefined : repository.exec(line)?.[1];
    if (release !== undefined) releases.add(release);
  }
  const [only] = releases;
  if (only === undefined || releases.size > 1) return null;
  return { id: 'alpine', versionId: only.replace(/^v/, ''), name: `Alpine Linux ${only}` };
}
