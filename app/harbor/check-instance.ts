import { oneLine } from '../../policy/text.ts';
import { isoTime } from '../../policy/time.ts';
import { type Check, mistake, ok, some, unknown, warning } from './check.ts';
import type { HarborFacts } from './facts.ts';
import { isLoopback } from './registration.ts';
import { parseHarborVersion } from './version.ts';

/** Components without which no scan runs or no image is pulled. */
const needed = new Set(['core', 'jobservice', 'registry', 'database', 'redis']);
/** More than that is no matter of slow networks, milliseconds. */
const muchSkew = 60_000;
const soon = 7 * 86_400_000;

/** Harbor itself: version, components, clock, schedule and the system's allowlist. */
export function checkInstance(facts: HarborFacts, now: number): Check[] {
  return [
    ...reachable(facts),
    ...components(facts),
    ...clock(facts),
    ...schedule(facts),
    ...allowlist(facts, now),
  ];
}

function reachable({ url, versionText, readOnly }: HarborFacts): Check[] {
  const checks: Check[] = [];
  const version = parseHarborVersion(versionText);
  if (version === null)
    checks.push(
      unknown(
        'harbor-version',
        `${url} tells the version ${versionText === '' ? 'not at all' : `"${versionText}"`}`,
        'Look at the version in its web page; Pratique was made for 2.0 to 2.16',
      ),
    );
  else checks.push(ok('harbor-version', `${url} answers, version ${versionText}`));
  if (url.startsWith('http:') && !isLoopback(url))
    checks.push(
      warning(
        'harbor-plain-http',
        `${url} is plain HTTP: passwords and images can be read and changed on the way`,
        'Give Harbor a certificate and use https://',
      ),
    );
  if (readOnly)
    checks.push(
      warning(
        'harbor-read-only',
        'Harbor is read-only: no robot accounts, so no scans',
        'Switch it off in Administration > Configuration > System Settings',
      ),
    );
  return checks;
}

function components({ health }: HarborFacts): Check[] {
  if (!health.known)
    return [
      unknown(
        'harbor-health',
        `the health of Harbor's components: ${health.why}`,
        'Look at GET /api/v2.0/health',
      ),
    ];
  const ill = health.value.components.filter(({ status }) => status !== 'healthy');
  if (ill.length === 0) return [ok('harbor-health', 'all components of Harbor are healthy')];
  const names = some(ill.map(({ name, error }) => (error === '' ? name : `${name} (${oneLine(error, 60)})`)));
  return ill.some(({ name }) => needed.has(name))
    ? [
        mistake(
          'harbor-health',
          `not healthy: ${names}`,
          "Look at these components' logs: scans need them all",
        ),
      ]
    : [warning('harbor-health', `not healthy: ${names}`, "Look at these components' logs")];
}

function clock({ skew }: HarborFacts): Check[] {
  if (skew === null) return [unknown('clock', 'Harbor tells no time', 'Compare the clocks by hand')];
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= muchSkew) return [ok('clock', `Harbor's clock and this one differ by ${seconds} s`)];
  return [
    warning(
      'clock',
      `Harbor's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} this one: exceptions, tokens and reports begin and end at other times`,
      'Set both by NTP',
    ),
  ];
}

function schedule({ schedule: known }: HarborFacts): Check[] {
  if (!known.known)
    return [
      unknown(
        'rescan-schedule',
        `the schedule of scans: ${known.why}`,
        'Look at Administration > Interrogation Services',
      ),
    ];
  const { value } = known;
  if (value === null || value.type === '' || value.type === 'None' || value.type === 'Manual')
    return [
      warning(
        'rescan-schedule',
        'what is already in Harbor is not scanned again by itself: new advisories do not reach its reports',
        'Administration > Interrogation Services > Vulnerability: scan all now, and daily from now on',
      ),
    ];
  return [
    ok(
      'rescan-schedule',
      `everything is scanned again: ${value.type}${value.cron === '' ? '' : ` (${value.cron})`}`,
    ),
  ];
}

function allowlist({ allowlist: known }: HarborFacts, now: number): Check[] {
  if (!known.known)
    return [
      unknown(
        'allowlist',
        `the system's CVE allowlist: ${known.why}`,
        'Look at Administration > Configuration > Security',
      ),
    ];
  const { items, expires_at: ends } = known.value;
  const entries = items.length === 1 ? '1 entry' : `${items.length} entries`;
  if (items.length === 0) return [ok('allowlist', "the system's CVE allowlist is empty")];
  if (ends === null)
    return [
      warning(
        'allowlist',
        `the system's CVE allowlist (${entries}) never ends`,
        'Give it an end, or let "pratique harbor allowlist" write it',
      ),
    ];
  const left = ends * 1000 - now;
  if (left <= 0)
    return [
      warning(
        'allowlist',
        `the system's CVE allowlist (${entries}) ended at ${isoTime(ends * 1000)}: nothing in it holds`,
        'Empty it, or write it anew with "pratique harbor allowlist"',
      ),
    ];
  if (left < soon)
    return [
      warning(
        'allowlist',
        `the system's CVE allowlist (${entries}) ends at ${isoTime(ends * 1000)}, all of it at once`,
        'Renew what has to go on; "pratique harbor allowlist" shows what the policy still excepts',
      ),
    ];
  return [ok('allowlist', `the system's CVE allowlist (${entries}) holds until ${isoTime(ends * 1000)}`)];
}
