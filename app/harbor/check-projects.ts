import { plural } from '../../policy/text.ts';
import { type Check, mistake, ok, some, unknown, warning } from './check.ts';
import { type HarborFacts, mostProjects, type ProjectFacts } from './facts.ts';

/** @param ownHosts hosts under which Pratique's registry port is known */
export function checkProjects(facts: HarborFacts, ownHosts: readonly string[]): Check[] {
  const { projects, registration } = facts;
  if (!projects.known)
    return [unknown('projects', `the projects: ${projects.why}`, 'Run this as a system administrator')];
  const { all, total } = projects.value;
  const checks: Check[] = [];
  if (total > all.length)
    checks.push(
      unknown(
        'projects',
        `${total - all.length} of ${total} projects were not looked at`,
        `At most ${mostProjects} are; look at the others by hand`,
      ),
    );
  if (all.length === 0) return [...checks, ok('projects', 'there are no projects')];
  checks.push(
    ...gates(all),
    ...(registration === null ? [] : scanners(all, registration.uuid)),
    ...caches(all, ownHosts),
  );
  return checks;
}

function gates(all: readonly ProjectFacts[]): Check[] {
  const names = (which: (facts: ProjectFacts) => boolean): string[] =>
    all.filter(which).map(({ project }) => project.name);
  const shut = names(({ project: { metadata } }) => metadata.prevent_vul && !metadata.auto_scan);
  const unscanned = names(({ project: { metadata } }) => !metadata.prevent_vul && !metadata.auto_scan);
  const open = names(({ project: { metadata } }) => !metadata.prevent_vul);
  const checks: Check[] = [];
  if (shut.length > 0)
    checks.push(
      mistake(
        'auto-scan',
        `vulnerable images are prevented but nothing is scanned on push, so every new image is refused: ${some(shut)}`,
        'Projects > Configuration: "Automatically scan images on push"',
      ),
    );
  if (unscanned.length > 0)
    checks.push(
      warning(
        'auto-scan',
        `nothing is scanned on push: ${some(unscanned)}`,
        'Projects > Configuration: "Automatically scan images on push"',
      ),
    );
  if (shut.length + unscanned.length === 0)
    checks.push(ok('auto-scan', `all of ${plural(all.length, 'project')} are scanned on push`));
  checks.push(
    open.length > 0
      ? warning(
          'prevent-vulnerable',
          `Harbor reports findings but refuses no image: ${some(open)}`,
          'Projects > Configuration: "Prevent vulnerable images from running", or pull through Pratique',
        )
      : ok(
          'prevent-vulnerable',
          `vulnerable images are prevented in all of ${plural(all.length, 'project')}`,
        ),
  );
  return checks;
}

function scanners(all: readonly ProjectFacts[], uuid: string): Check[] {
  const others: string[] = [];
  const none: string[] = [];
  const unclear: string[] = [];
  for (const { project, scanner } of all) {
    if (!scanner.known) unclear.push(project.name);
    else if (scanner.value === null) none.push(project.name);
    else if (scanner.value.uuid !== uuid) others.push(`${project.name} (${scanner.value.name})`);
  }
  const checks: Check[] = [];
  if (unclear.length > 0)
    checks.push(
      unknown(
        'project-scanner',
        `which scanner is in force: ${some(unclear)}`,
        'Run this as a system administrator',
      ),
    );
  if (none.length > 0)
    checks.push(
      mistake(
        'project-scanner',
        `no scanner is in force: ${some(none)}`,
        'Make Pratique the default scanner',
      ),
    );
  if (others.length > 0)
    checks.push(
      warning(
        'project-scanner',
        `another scanner than Pratique is in force: ${some(others)}`,
        'Projects > Scanner, where that is not meant',
      ),
    );
  if (checks.length === 0) checks.push(ok('project-scanner', 'Pratique scans every project'));
  return checks;
}

/** Harbor answers the first pull through a proxy cache from upstream, before anything is scanned or prevented. */
function caches(all: readonly ProjectFacts[], ownHosts: readonly string[]): Check[] {
  const first: string[] = [];
  const behind: string[] = [];
  const unclear: string[] = [];
  for (const { project, upstream } of all) {
    if (upstream === null) continue;
    if (!upstream.known) unclear.push(project.name);
    else if (ownHosts.includes(hostOf(upstream.value))) behind.push(project.name);
    else first.push(`${project.name} (${upstream.value})`);
  }
  const checks: Check[] = [];
  if (unclear.length > 0)
    checks.push(
      unknown(
        'proxy-cache',
        `what these proxy caches stand before: ${some(unclear)}`,
        'Look at Administration > Registries',
      ),
    );
  if (first.length > 0)
    checks.push(
      warning(
        'proxy-cache',
        `proxy caches serve the first pull of an image unscanned, whatever is prevented: ${some(first)}`,
        'Let clients pull through Pratique, or let Pratique be what the proxy cache stands before (docs/harbor.md)',
      ),
    );
  if (behind.length > 0)
    checks.push(
      ok('proxy-cache', `the first pull through these proxy caches is vetted by Pratique: ${some(behind)}`),
    );
  return checks;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
