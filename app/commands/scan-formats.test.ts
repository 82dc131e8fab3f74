import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { buildImage, buildIndex, debianRoot, linuxArm64, npmPackages } from '../../test/support/images.ts';
import { writeLayout } from '../../test/support/layout.ts';
import { osvRecord, writeOsvDirectory } from '../../test/support/osv.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { updateAdvisories } from './advisories-update.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const files = [
  ...debianRoot({ release: '12', packages: [{ name: 'libssl3', version: '3.0.1-1', source: 'openssl' }] }),
  ...npmPackages([
    { name: 'left\u0001]pad{x}', version: '1.0.0' },
    { name: 'lodash', version: '4.0.0' },
  ]),
];
const image = buildImage({ layers: [{ files }] });
const index = buildIndex([image, buildImage({ layers: [{ files }], platform: linuxArm64 })]);

async function scan(target: string, ...flags: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['scan', target.replace('DIR', dir), '--data', data, ...flags], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}
const app = 'oci:DIR/layout:app';

beforeAll(async () => {
  const cvss = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
  const debian = { ecosystem: 'Debian:12', package: 'openssl', cvss } as const;
  await writeOsvDirectory(join(dir, 'osv'), {
    Debian: [
      osvRecord({ ...debian, id: 'DEBIAN-CVE-2099-1', fixed: '3.0.15-1', upstream: ['CVE-2099-1'] }),
      osvRecord({ ...debian, id: 'DEBIAN-CVE-2099-2', fixed: '3.0.9-1', upstream: ['CVE-2099-2'] }),
    ],
    npm: [osvRecord({ id: 'GHSA-xxxx', ecosystem: 'npm', package: 'lodash', fixed: '4.1.0' })],
    kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
  });
  const sources = { file: null, data, env: {} };
  await updateAdvisories({ from: join(dir, 'osv'), kev: null, sources }, recordConsole());
  await writeLayout(join(dir, 'layout'), { app: image, both: index });
});

interface Location {
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string; readonly kind: string }[];
}
interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly { readonly id: string; readonly properties: Record<string, unknown> }[];
      };
    };
    readonly automationDetails: { readonly id: string };
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly Location[];
      readonly partialFingerprints: { readonly primaryLocationLineHash: string };
    }[];
  }[];
}

describe('SARIF', () => {
  const sarif = async (target: string): Promise<Sarif> =>
    JSON.parse((await scan(target, '--format', 'sarif')).output) as Sarif;

  it('has what GitHub asks for', async () => {
    const { version, runs } = await sarif(app);
    expect(version).toBe('2.1.0');
    const [run] = runs;
    if (run === undefined) throw new Error('no run');
    const { rules } = run.tool.driver;
    expect(rules.find(({ id }) => id === 'CVE-2099-1')?.properties).toMatchObject({
      'security-severity': '9.8',
      tags: ['security', 'vulnerability'],
    });
    for (const result of run.results) {
      expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      expect(result.locations).not.toHaveLength(0);
      for (const { physicalLocation } of result.locations) {
        expect(physicalLocation.artifactLocation.uri).toMatch(
          /^[A-Za-z0-9._~!'()*%-]+(?:\/[A-Za-z0-9._~!'()*%-]+)*$/,
        );
      }
    }
    const lodash = run.results.find(({ ruleId }) => ruleId === 'GHSA-xxxx');
    expect(lodash?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(
      'app/node_modules/lodash/package.json',
    );
    expect(lodash?.locations[0]?.logicalLocations).toEqual([
      { fullyQualifiedName: 'pkg:npm/lodash@4.0.0', kind: 'package' },
      { fullyQualifiedName: image.layers[0]?.digest, kind: 'layer' },
    ]);
  });

  it('tells a finding as the same one in the next build, and two findings apart', async () => {
    const next = buildImage({ layers: [{ files: [...files, { path: 'x' }] }] });
    await writeLayout(join(dir, 'next', 'layout'), { app: next });
    const hashes = async (target: string) =>
      (await sarif(target)).runs.flatMap(({ results }) =>
        results.map((one) => one.partialFingerprints.primaryLocationLineHash),
      );
    const before = await hashes('oci:DIR/layout:app');
    expect(new Set(before).size).toBe(before.length);
    expect(await hashes('oci:DIR/next/layout:app')).toEqual(before);
  });

  it('has a run of its own name for each platform', async () => {
    const { runs } = await sarif('oci:DIR/layout:both');
    expect(new Set(runs.map(({ automationDetails: { id } }) => id)).size).toBe(2);
  });

  it('says that it is not whole where something could not be read', async () => {
    const broken = [...files, { path: 'app/node_modules/x/package.json', content: '{' }];
    await writeLayout(join(dir, 'broken'), { app: buildImage({ layers: [{ files: broken }] }) });
    const whole = async (target: string) =>
      (await sarif(target)).runs[0]?.invocations[0]?.executionSuccessful;
    expect([await whole('oci:DIR/broken:app'), await whole(app)]).toEqual([false, true]);
  });
});

describe('JUnit', () => {
  it('fails a test for the verdict, the rule and each finding that denies', async () => {
    const { code, output } = await scan(app, '--format', 'junit');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="pratique scan" tests="\d+" failures="4"/,
    );
    expect(output).toMatch(/name="verdict" time="0"><failure message="verdict: fail"/);
    expect(output).toMatch(/name="critical-with-fix" time="0"><failure/);
    expect(output).toMatch(
      /name="CVE-2099-1 libssl3 3\.0\.1-1" time="0"><failure message="critical in libssl3/,
    );
  });

  it('has no character that XML cannot hold, and nothing that would end an attribute', async () => {
    const folder = join(dir, 'odd"<&>\u0007');
    for (const { path, content } of files) {
      if (path.endsWith('/')) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content ?? '');
    }
    const { output } = await scan(`rootfs:${folder}`, '--format', 'junit');
    expect(output).toContain('odd&quot;&lt;&amp;&gt;\ufffd');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is looked for
    expect(output).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });
});

describe('bills of materials', () => {
  it.each(['cyclonedx', 'spdx'])('are scanned as %s with the findings of the image', async (format) => {
    const file = join(dir, `app.${format}.json`);
    expect((await scan(app, '--format', format, '--output', file)).code).toBe(1);
    const findingsOf = async (target: string): Promise<unknown> =>
      (JSON.parse((await scan(target, '--format', 'json')).output) as { findings: unknown }).findings;
    expect(await findingsOf(`sbom:${file}`)).toEqual(await findingsOf(app));
    expect((await scan(`sbom:${file}`)).output).toContain('checks of the image were not made');
  });

  it.each(['table', 'json', 'spdx'])(
    'have what was found in CycloneDX alone, and %s says so',
    async (format) => {
      const { code, errors } = await scan(app, '--format', format, '--vulnerabilities');
      expect(code).toBe(2);
      expect(errors).toContain(`--vulnerabilities: found with --format ${format}, allowed with cyclonedx`);
    },
  );

  it('have what was found only where that is asked for', async () => {
    expect((await scan(app, '--format', 'cyclonedx')).output).not.toContain('"vulnerabilities"');
    const { output } = await scan(app, '--format', 'cyclonedx', '--vulnerabilities');
    const document = JSON.parse(output) as {
      components: readonly { 'bom-ref': string; name: string }[];
      vulnerabilities: readonly { id: string; affects: readonly { ref: string }[] }[];
    };
    const found = document.vulnerabilities.find(({ id }) => id === 'CVE-2099-1');
    const ref = document.components.find(({ name }) => name === 'libssl3')?.['bom-ref'];
    expect(found).toMatchObject({
      ratings: [{ severity: 'critical', score: 9.8, method: 'CVSSv31' }],
      recommendation: 'Upgrade libssl3 to version 3.0.15-1',
      affects: [{ ref }],
    });
  });

  it.each(['cyclonedx', 'spdx'])('of an index are of one platform: %s', async (format) => {
    const several = await scan('oci:DIR/layout:both', '--format', format);
    expect([several.code, several.output]).toEqual([2, '']);
    expect(several.errors).toMatch(/linux\/amd64.*choose one with --platform/);
    expect((await scan('oci:DIR/layout:both', '--format', format, '--platform', 'linux/amd64')).code).toBe(1);
  });

  it.each<[what: string, content: string, told: RegExp]>([
    [
      'XML',
      '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>',
      /it is CycloneDX in XML.*as JSON/,
    ],
    ['tags and values', 'SPDXVersion: SPDX-2.3\n', /it is SPDX as tags and values.*as JSON/],
    ['nothing', '', /it is not JSON/],
    ['another JSON', '{"name":"x"}', /bomFormat/],
  ])('that are %s are refused by name', async (_what, content, told) => {
    writeFileSync(join(dir, 'other'), content);
    const { code, output, errors } = await scan('sbom:DIR/other');
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(told);
  });

  it('that list nothing of the system that they name do not pass', async () => {
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        { type: 'operating-system', name: 'debian', version: '12' },
        { type: 'library', name: 'left-pad', version: '1.0.0', purl: 'pkg:npm/left-pad@1.0.0' },
      ],
    };
    writeFileSync(join(dir, 'thin.json'), JSON.stringify(document));
    const { code, output } = await scan('sbom:DIR/thin.json');
    expect(code).toBe(3);
    expect(output).toContain('lists no package of it');
  });
});

describe('the table', () => {
  it('says which upgrade ends several findings', async () => {
    const { output } = await scan(app);
    expect(output).toMatch(/openssl +3\.0\.1-1 +3\.0\.15-1 +2 +critical +libssl3/);
  });

  it('tells by layer what each brought', async () => {
    const { output } = await scan(app, '--by-layer');
    expect(output).toMatch(/LAYER +DIGEST +PACKAGES +FINDINGS +WORST +STEP\n1 +[0-9a-f]{12} +3 +3 +critical/);
  });

  it('shows the first findings, and all where they are asked for', async () => {
    const packages = Array.from({ length: 60 }, (_, at) => ({
      name: `lib${at}`,
      version: '3.0.1-1',
      source: 'openssl',
    }));
    await writeLayout(join(dir, 'many'), {
      app: buildImage({ layers: [{ files: debianRoot({ release: '12', packages }) }] }),
    });
    const short = await scan('oci:DIR/many:app');
    expect(short.output).toContain('and 70 findings more (70 critical): --all shows them');
    const whole = await scan('oci:DIR/many:app', '--all');
    expect(whole.output).not.toContain('--all');
    expect(whole.output.match(/^critical /gm)).toHaveLength(120);
  });
});

describe('--output', () => {
  it('writes the document and prints nothing', async () => {
    const file = join(dir, 'out', 'scan.json');
    mkdirSync(dirname(file));
    writeFileSync(file, 'older');
    const { code, output, errors } = await scan(app, '--format', 'json', '--output', file);
    expect([code, output, errors]).toEqual([1, '', '']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schemaVersion: 1 });
    expect(readdirSync(dirname(file))).toEqual(['scan.json']);
  });

  it.each<[file: string, told: RegExp]>([
    ['DIR/gone/scan.json', /there is no folder/],
    ['DIR', /it is there and no file/],
  ])('%s is refused before anything is scanned', async (file, told) => {
    const { code, errors } = await scan('oci:DIR/layout:none', '--output', file.replace('DIR', dir));
    expect(code).toBe(2);
    expect(errors).toMatch(told);
  });

  it('leaves what was there where there is no document', async () => {
    const file = join(dir, 'kept.json');
    expect((await scan('oci:DIR/layout:none', '--output', file)).code).toBe(3);
    expect(existsSync(file)).toBe(false);
  });
});
