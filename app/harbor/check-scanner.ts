import { listOf } from '../../policy/text.ts';
import { formatAge } from '../report/table.ts';
import type { AdapterMetadata, Registration } from './answers.ts';
import { type Check, mistake, ok, some, unknown, warning } from './check.ts';
import type { HarborFacts } from './facts.ts';
import { isLoopback, isPratique } from './registration.ts';
import { parseHarborVersion, refusesSbom, switchSbomOff } from './version.ts';

export interface AdvisoryAge {
  /** As the policy has it, for sentences: `7d`. */
  readonly text: string;
  readonly milliseconds: number;
}

const updatedAt = 'harbor.scanner-adapter/vulnerability-database-updated-at';
const describe = 'pratique harbor register';

/** Pratique's registration, and what the adapter answers to Harbor. */
export function checkScanner(facts: HarborFacts, age: AdvisoryAge, now: number): Check[] {
  const { registration, metadata, scanners } = facts;
  if (registration === null) {
    const others =
      scanners.length === 0 ? 'none at all' : some(scanners.map(({ name, url }) => `${name} at ${url}`));
    return [
      mistake(
        'scanner-registered',
        `Pratique is not among Harbor's scanners (${others})`,
        `Register it: ${describe}`,
      ),
    ];
  }
  return [
    ...registered(registration, scanners),
    ...flags(registration),
    ...(metadata === null
      ? []
      : metadata.known
        ? answers(facts, registration, metadata.value, age, now)
        : [unreachable(facts.url, registration, metadata.why)]),
  ];
}

function registered(registration: Registration, scanners: readonly Registration[]): Check[] {
  const { name, url } = registration;
  const checks: Check[] = [
    registration.disabled
      ? mistake(
          'scanner-enabled',
          `the scanner ${name} is deactivated: Harbor does not ask it`,
          `Activate it in Administration > Interrogation Services, or run ${describe}`,
        )
      : ok('scanner-enabled', `the scanner ${name} is registered at ${url} and active`),
  ];
  const standard = scanners.find((one) => one.is_default);
  if (registration.is_default) return [...checks, ok('scanner-default', `${name} is the default scanner`)];
  return [
    ...checks,
    warning(
      'scanner-default',
      `the default scanner is ${standard?.name ?? 'not set'}, not ${name}: it scans those projects alone that name it`,
      `Make it the default: ${describe} --default`,
    ),
  ];
}

function flags({ url, auth, skip_certVerify: skips, use_internal_addr: internal }: Registration): Check[] {
  const checks: Check[] = [];
  const secured = url.startsWith('https:');
  if (auth === '')
    checks.push(
      warning(
        'adapter-auth',
        'Harbor does not authenticate to the adapter: whoever reaches it can have images scanned and read reports',
        'Set "harborAdapter.auth" and register with --adapter-auth, or let Harbor alone reach the port',
      ),
    );
  else checks.push(ok('adapter-auth', `Harbor authenticates to the adapter (${auth})`));
  if (!secured && !isLoopback(url))
    checks.push(
      warning(
        'adapter-plain-http',
        `${url} is plain HTTP: the credentials of every scan's robot account go over it`,
        'Keep it within a network that Harbor and Pratique have to themselves, or put TLS before the adapter',
      ),
    );
  if (skips && secured)
    checks.push(
      warning(
        'adapter-certificate',
        "Harbor does not check the adapter's certificate",
        'Let Harbor trust its authority, and register without --skip-cert-verify',
      ),
    );
  checks.push(
    ok(
      'registry-address',
      internal ? "scans pull from Harbor's internal address" : "scans pull from Harbor's external address",
    ),
  );
  return checks;
}

function unreachable(harbor: string, { url }: Registration, why: string): Check {
  const remedy =
    isLoopback(url) && !isLoopback(harbor)
      ? `${url} means Harbor's own container to Harbor: register an address that Harbor can reach`
      : 'Is the adapter running, and does Harbor reach it (name, firewall, no_proxy, certificate, credentials)? The reason is in the log of its core component; a failure is remembered for 30 s';
  // Harbor hides its reason behind these words.
  const reason = why.includes('internal server error') ? '' : ` (${why})`;
  return mistake(
    'scanner-reachable',
    `Harbor gets no usable answer from the adapter at ${url}${reason}. While that is so, images without a report are pulled even where vulnerable ones are prevented`,
    remedy,
  );
}

function answers(
  facts: HarborFacts,
  registration: Registration,
  metadata: AdapterMetadata,
  age: AdvisoryAge,
  now: number,
): Check[] {
  const { scanner, capabilities } = metadata;
  const named = `${scanner.name} ${scanner.version}`;
  if (!isPratique(scanner))
    return [
      mistake(
        'scanner-reachable',
        `at ${registration.url} answers ${named} of ${scanner.vendor}, not Pratique`,
        'Correct the address of the registration',
      ),
    ];
  const types = capabilities.map(({ type }) => (type === '' ? 'vulnerability' : type));
  const checks = [ok('scanner-reachable', `Harbor reaches it: ${named}, for ${listOf(types)}`)];
  if (isLoopback(registration.url) && !isLoopback(facts.url))
    checks.push(
      warning(
        'adapter-loopback',
        `the address ${registration.url} is loopback, and Harbor is elsewhere: what answers Harbor there may be another adapter than yours`,
        'Register an address that means the same to everybody',
      ),
    );
  if (!types.includes('vulnerability'))
    checks.push(
      mistake(
        'capability-vulnerability',
        'the adapter offers no vulnerability reports',
        'Look at its configuration',
      ),
    );
  const version = parseHarborVersion(facts.versionText);
  if (types.includes('sbom') && version !== null && refusesSbom(version))
    checks.push(
      mistake(
        'capability-sbom',
        `Harbor ${facts.versionText} refuses scanners that also make SBOMs`,
        switchSbomOff,
      ),
    );
  return [...checks, ...advisories(metadata, age, now)];
}

function advisories({ properties }: AdapterMetadata, age: AdvisoryAge, now: number): Check[] {
  const text = properties[updatedAt];
  const update = 'Run "pratique advisories update", or set advisories.schedule';
  if (text === undefined || text === '')
    return [mistake('advisories-age', 'the adapter has no advisories: it can judge nothing', update)];
  const at = Date.parse(text);
  if (Number.isNaN(at))
    return [
      unknown(
        'advisories-age',
        `the age of the adapter's advisories: "${text}" is no time`,
        'Look at "pratique advisories status"',
      ),
    ];
  const old = formatAge(now - at);
  return now - at >= age.milliseconds
    ? [
        mistake(
          'advisories-age',
          `the adapter's advisories are ${old} old, more than the ${age.text} that the policy allows`,
          update,
        ),
      ]
    : [ok('advisories-age', `the adapter's advisories are ${old} old`)];
}
