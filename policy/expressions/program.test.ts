import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../../core/inventory.ts';
import { viewOf } from '../../core/inventory.ts';
import { finding } from '../samples.ts';
import { Meter } from './meter.ts';
import { type Answer, compile } from './program.ts';
import { FindingView, ImageView, OsView, PackageView } from './views.ts';
import type { Place } from './vocabulary.ts';

const inventory: Inventory = {
  os: null,
  platform: null,
  packages: [],
  incomplete: [],
  unfit: [],
  analyzers: 'a',
  content: 'image',
  checks: [],
  facts: { created: null, user: null, labels: { team: 'web' }, exposedPorts: ['22/tcp'], healthcheck: false },
};
const image = new ImageView(viewOf(inventory), null, null);
const os = new OsView({ id: 'debian', versionId: '12', name: 'Debian' });
const now = new Date('2026-06-01T00:00:00Z');
const one = (fields: Parameters<typeof finding>[0] = {}) => ({
  finding: new FindingView(finding(fields)),
  image,
  os,
  now,
});
const pkg = (name: string) =>
  new PackageView({
    type: 'deb',
    name,
    version: '1',
    arch: null,
    source: { name, version: '1' },
    purl: '',
    layer: null,
    paths: [],
    licenses: ['GPL-3.0-only'],
  });

function answer(place: Place, text: string, values: Readonly<Record<string, unknown>>): Answer {
  const compiled = compile(place, text);
  if ('fault' in compiled) throw new Error(`${compiled.fault.found} at ${compiled.fault.offset}`);
  return compiled.program(values, new Meter());
}

describe('an expression', () => {
  it.each<[string, Readonly<Record<string, unknown>>, Answer['kind']]>([
    ['finding.severity == "critical"', one(), 'yes'],
    ['finding.cvss >= 7', one({ cvss: { vector: '', score: 9.8 } }), 'yes'],
    ['finding.cvss >= 7', one(), 'undecided'],
    ['has(finding.cvss) && finding.cvss >= 7', one(), 'no'],
    ['finding.knownExploited', one({ kev: null }), 'undecided'],
    ['"CVE-2024-1" in finding.aliases', one(), 'yes'],
    ['finding.aliases.exists(a, a.startsWith("CVE-2024"))', one(), 'yes'],
    ['finding.name.matches("^CVE-[0-9]+-1$")', one(), 'yes'],
    ['now - finding.published > duration("720h")', one({ published: '2026-01-01T00:00:00Z' }), 'yes'],
    ['now - finding.published > duration("720h")', one(), 'undecided'],
    ['image.labels["team"] == "web"', one(), 'yes'],
    ['image.labels["team"].contains("we") && !finding.name.contains("GHSA")', one(), 'yes'],
    ['image.labels.owner == "web"', one(), 'undecided'],
    ['"22/tcp" in image.exposedPorts && os.id == "debian"', one(), 'yes'],
    ['os.id == "debian"', { finding: one().finding, image, now }, 'undecided'],
    ['1 / 0 == 1', one(), 'undecided'],
    ['image.created < now', one(), 'undecided'],
  ])('%s: %#', (text, values, kind) => {
    expect(answer('finding', text, values).kind).toBe(kind);
  });

  it('sees packages and the whole image', () => {
    const values = { packages: [pkg('a'), pkg('b')], findings: [one().finding], checks: ['runs-as-root'] };
    expect(answer('package', 'pkg.licences.exists(l, l.startsWith("GPL"))', { pkg: pkg('x') }).kind).toBe(
      'yes',
    );
    const text =
      'packages.exists(p, p.name == "b") && findings.all(f, f.fixAvailable) && "runs-as-root" in checks';
    expect(answer('image', text, { ...values, image, os, now, coverage: [] }).kind).toBe('yes');
  });

  it.each([
    ['fnding.id == "x"', 0, 'the unknown variable: fnding'],
    ['finding.severty == "x"', 8, 'the unknown field: severty'],
    ['finding.id', 0, 'an expression of type string'],
    ['finding.id == 3', 11, 'no such overload'],
    ['finding.id ==', 13, 'nexpected'],
    ['finding.id.matches("(a")', 0, 'missing closing'],
    ['finding.id.matches(finding.name)', 0, 'a pattern that is not written out'],
    ['finding.id.matches("(a{90}){10}")', 0, 'a pattern that is too large'],
    ['finding.id.split("-").size() > 1', 0, 'the function "split"'],
    ['cel.bind(x, "a", x == "a")', 0, 'the function "bind"'],
    ['dyn(finding).anything', 0, 'the function "dyn"'],
    ['duration("1.5.5h") > duration("1h")', 0, 'another duration'],
    [`finding.id == "${'x'.repeat(4000)}"`, 0, 'characters'],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, 0, 'maxDepth'],
    [`${'true && '.repeat(490)}true && [${'1,'.repeat(600)}1].size() > 1`, 0, ''],
    ['[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))', 0, '4 loops in each other'],
  ])('%.80s is refused where it is read', (text, _offset, told) => {
    const compiled = compile('finding', text);
    expect('fault' in compiled ? compiled.fault.found : 'accepted').toContain(told);
    expect('fault' in compiled ? compiled.fault.offset : -1).toBeGreaterThanOrEqual(0);
  });
});

describe('a comparison that would never be what it seems', () => {
  it.each<[Place, string, number, string, string]>([
    ['finding', 'finding.severity >= "high"', 0, '">=" between texts (finding.severity)', 'atLeast: high'],
    ['finding', '!("low" > finding.severity)', 2, '">" between texts', 'finding.severity in ["critical"'],
    ['finding', 'finding["severity"] < "high"', 0, 'between texts', 'atLeast'],
    ['finding', 'finding.fixAvailable && finding.version < "1.9"', 24, 'finding.version', 'no numbers'],
    ['finding', 'string(finding.cvss) >= "7"', 0, 'between texts', 'for numbers and times'],
    ['finding', '[finding.severity].map(s, s)[0] < "b"', 0, 'between texts', ''],
    ['finding', '(finding.cvss > 3.0 ? finding.severity : "x") < "b"', 1, 'between texts', ''],
    ['package', 'pkg.version >= "2"', 0, 'pkg.version', 'startsWith'],
    ['image', 'os.version < "12"', 0, 'os.version', 'no numbers'],
    ['image', 'findings.exists(f, f.severity <= "high")', 19, 'f.severity', 'atLeast'],
    ['image', 'packages.all(a, packages.exists(b, a.version < b.version))', 35, 'a.version', ''],
    ['image', 'findings.map(f, f.version).exists(v, v > "2")', 37, 'between texts', ''],
    ['finding', 'finding.severity == "CRITICAL"', 20, 'never like "CRITICAL"', 'critical, high'],
    ['finding', '"vuln" != finding.kind', 0, 'never like "vuln"', 'vulnerability, malware, bugfix'],
    ['finding', 'finding.status == "wontfix"', 18, 'never like "wontfix"', 'will_not_fix'],
    ['finding', 'finding.severity in ["high", "Critical"]', 29, 'never like "Critical"', 'critical'],
    ['finding', '["Critical", "high"].exists(s, s == finding.severity)', 1, 'never like "Critical"', ''],
    ['finding', 'finding.severity.upperAscii() == "high"', 33, 'never like "high"', 'CRITICAL, HIGH'],
    ['finding', 'finding.severity.matches("^(CRITICAL|HIGH)$")', 25, 'never like', 'critical'],
    ['finding', 'finding.kind.startsWith("Vuln")', 24, 'never like "Vuln"', 'vulnerability'],
    ['finding', 'has(finding.cvs)', 4, 'the unknown field: cvs', 'cvss'],
    ['package', 'pkg.ecosystem == "debian"', 17, 'never like "debian"', 'deb, apk, rpm'],
    ['image', '"runs-as-rot" in checks', 0, 'never like "runs-as-rot"', 'runs-as-root'],
    ['image', 'checks.exists(c, c == "root")', 22, 'never like "root"', 'runs-as-root'],
    ['image', '"Critical" in findings.map(f, f.severity)', 0, 'never like "Critical"', 'critical'],
    ['image', 'findings.filter(f, f.kind == "malwre").size() > 0', 29, 'never like "malwre"', 'malware'],
  ])('in %s: %s', (place, text, offset, told, allowed) => {
    const compiled = compile(place, text);
    const fault = 'fault' in compiled ? compiled.fault : null;
    expect(fault).toMatchObject({
      offset,
      found: expect.stringContaining(told),
      allowed: expect.stringContaining(allowed),
    });
  });

  it.each<[Place, string]>([
    ['finding', 'finding.severity in ["critical", "high", "unknown"] && finding.epss >= 0.5'],
    ['finding', 'finding.severity.upperAscii() == "CRITICAL" || finding.package == "Critical"'],
    ['finding', '{"critical": 4, "high": 3, "medium": 2, "low": 1}[finding.severity] >= 3'],
    ['finding', 'finding.published < now - duration("24h") && size(finding.aliases) > 2'],
    ['image', 'findings.exists(f, f.severity.startsWith("crit")) && now.getDate() <= 7'],
    ['image', 'packages.exists(p, p.name == "Critical") || image.packageCount > 400 || int(os.version) < 12'],
    ['image', 'packages.exists(checks, checks.name == "x") && coverage.all(c, c.ecosystem != "npm:x")'],
  ])('and in %s nothing is wrong with %s', (place, text) => {
    expect(compile(place, text)).toHaveProperty('program');
  });

  it('lists the fields of the type alone that was asked', () => {
    const compiled = compile('finding', 'finding.arch == "amd64"');
    const allowed = 'fault' in compiled ? compiled.fault.allowed.split(', ') : [];
    expect(allowed).toEqual(expect.arrayContaining(['id', 'severity']));
    expect(allowed).not.toContain('arch');
    expect(allowed).not.toContain('licences');
  });
});

describe('an expression that means ill', () => {
  const many = Array.from({ length: 5000 }, (_, index) => pkg(`p${index}`));
  const findings = Array.from(
    { length: 1000 },
    () => new FindingView(finding({ summary: 'a'.repeat(4000) })),
  );
  const values = { packages: many, findings, checks: [], coverage: [], image, os, now };
  const grow = `.map(a, ${Array.from({ length: 60 }, () => 'a').join(' + ')})`.repeat(3);
  const growing = `["${'x'.repeat(1000)}"]${grow}.size() > 0`;
  it.each([
    ['loops in loops', 'packages.all(a, packages.all(b, packages.all(c, a.name != "" || b.name != c.name)))'],
    [
      'loops whose errors are swallowed',
      'packages.exists(a, packages.exists(b, packages.exists(c, 1 / 0 == 1)))',
    ],
    ['errors hidden behind true', 'packages.all(a, packages.all(b, packages.all(c, 1 / 0 == 1))) || true'],
    ['lists of lists', 'packages.map(a, packages.map(b, packages)).size() == 1'],
    ['texts that grow', growing],
    ['lists that grow', `[packages]${grow}.size() > 0`],
    [
      'a search that starts again and again',
      `findings.exists(f, (f.summary + f.summary).contains("${'a'.repeat(1000)}b"))`,
    ],
    ['membership in long lists', 'packages.all(a, !(a.name + "x" in packages.map(b, b.name)))'],
  ])('%s: is undecided, and soon', (_what, text) => {
    const started = performance.now();
    expect(answer('image', text, values)).toEqual({
      kind: 'undecided',
      why: expect.stringContaining('takes more than 200000 steps'),
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('a pattern that would backtrack without end answers at once', () => {
    const summary = `${'a'.repeat(3900)}!`;
    const started = performance.now();
    expect(answer('finding', 'finding.summary.matches("^(a+)+$")', one({ summary })).kind).toBe('no');
    expect(answer('finding', 'finding.summary.matches("^(a|aa)+$")', one({ summary })).kind).toBe('no');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('costs the same whenever it is evaluated', () => {
    const compiled = compile('image', 'packages.all(p, p.name.matches("^p[0-9]+$"))');
    if ('fault' in compiled) throw new Error(compiled.fault.found);
    const steps = Array.from({ length: 3 }, () => compiled.program(values, new Meter()).kind);
    expect(new Set(steps).size).toBe(1);
  });

  it('shares one bound with all others over an image', () => {
    const compiled = compile('image', 'packages.all(p, p.name != "x")');
    if ('fault' in compiled) throw new Error(compiled.fault.found);
    const meter = new Meter();
    const answers = Array.from({ length: 300 }, () => compiled.program(values, meter));
    expect(answers[0]).toEqual({ kind: 'yes' });
    expect(answers.at(-1)).toMatchObject({ kind: 'undecided', why: expect.stringContaining('together') });
  });
});
