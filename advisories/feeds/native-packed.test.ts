import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compress } from 'zstd-napi';
import { isPratiqueError } from '../../core/errors.ts';
import { writeTar } from '../../test/support/tar.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { nativeDefinitions } from './list.ts';
import { parseDefinition } from './oracle-oval/parse.ts';
import { sampleOval } from './oracle-oval/samples.ts';
import { parseVex } from './redhat-vex/parse.ts';
import { sampleVex } from './redhat-vex/samples.ts';
import { readBytes } from './samples-reading.ts';
import { elementsOf, type XmlElement } from './xml.ts';

const directory = temporaryDirectory();

const vex = JSON.stringify(
  sampleVex({
    products: [{ id: 'r', cpe: 'cpe:/o:redhat:enterprise_linux:9' }, { id: 'vim' }],
    status: { known_affected: [['r', 'vim']] },
    impacts: [['Low', 'r:vim']],
  }),
);
const updates =
  '<updates><update type="security"><id>ALAS2-2018-942</id><pkglist><collection><package name="a" epoch="10" version="1" release="2" arch="x86_64"/></collection></pkglist></update></updates>';
const tarOf = (content: Uint8Array | string): Buffer => writeTar([{ path: 'a.json', content }]);

/** A whole file of each feed, and how others of its kind are packed; bzip2 has only one of its own here. */
const shapes: Readonly<
  Record<string, { path: string; plain: Uint8Array; pack: (bytes: Uint8Array) => Uint8Array }>
> = {
  'amazon-updateinfo': {
    path: '2/updateinfo.xml.gz',
    plain: Buffer.from(updates),
    pack: (bytes) => gzipSync(bytes),
  },
  'oracle-oval': { path: 'com.oracle.elsa-all.xml.bz2', plain: sampleOval, pack: (bytes) => bytes },
  'redhat-vex': { path: 'csaf_vex.tar.zst', plain: tarOf(vex), pack: (bytes) => compress(bytes) },
};

/** A byte here and there is another one, and the end may be missing. */
const changes = fc.record({
  at: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
  keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
});
type Changes = typeof changes extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Uint8Array, { at, keep }: Changes): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const [place, value] of at) copy[place % copy.length] = value;
  return copy.subarray(0, Math.ceil(copy.length * keep));
}

describe.each(nativeDefinitions.filter(({ name }) => name in shapes))('$name', (feed) => {
  const shape = shapes[feed.name];
  if (shape === undefined) throw new Error(`no sample of ${feed.name}`);
  const { path, plain, pack } = shape;

  async function onlyNamedErrors(bytes: Uint8Array): Promise<void> {
    try {
      await readBytes(feed, directory, path, bytes);
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      expect(error.code).toBe('advisories-unreadable');
      expect(error.message).toContain(path);
    }
  }

  it('reads its sample', async () => {
    expect((await readBytes(feed, directory, path, pack(plain)))[0]?.kind).toBe('advisory');
  });

  it('says what is wrong in its own words, whatever the bytes are', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), onlyNamedErrors), { numRuns: 50 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => onlyNamedErrors(pack(bytes))),
      { numRuns: 50 },
    );
    await fc.assert(
      fc.asyncProperty(changes, (how) => onlyNamedErrors(changed(pack(plain), how))),
      {
        numRuns: 100,
      },
    );
    await fc.assert(
      fc.asyncProperty(changes, (how) => onlyNamedErrors(pack(changed(plain, how)))),
      {
        numRuns: 100,
      },
    );
  }, 60_000);

  it('says so where there is no file, or a folder', async () => {
    for (const file of ['/nowhere/at/all', directory]) {
      const reading = (async () => {
        for await (const record of feed.read([{ path, file }])) expect(record).toBeUndefined();
      })();
      await expect(reading).rejects.toMatchObject({ code: 'advisories-unreadable' });
    }
  });

  it('names who publishes it and under what terms', () => {
    expect([feed.publisher, feed.licence].every((text) => text.length > 2)).toBe(true);
  });
});

describe('a document of Red Hat’s', () => {
  it('never ends the reading, whatever its values are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        parseVex(one, 'x');
        const whole = sampleVex({ products: [], status: {} });
        parseVex({ ...whole, product_tree: one }, 'x');
        parseVex({ ...whole, product_tree: { branches: [one], relationships: [other] } }, 'x');
        parseVex({ ...whole, vulnerabilities: [one, { cve: 'CVE-2023-0001', product_status: other }] }, 'x');
      }),
    );
  });
});

describe('a definition of Oracle’s', () => {
  const whole = `<definitions><definition id="x"><metadata><title>ELSA-2025-1: bash (LOW)</title><reference source="elsa" ref_id="ELSA-2025-1"/><advisory><severity>LOW</severity><cve cvss3="1/CVSS:3.1/">CVE-2025-0001</cve></advisory></metadata><criteria operator="AND"><criterion comment="Oracle Linux 9 is installed"/><criteria><criterion comment="bash is earlier than 0:5.1.8-9.el9"/></criteria></criteria></definition></definitions>`;
  it('never ends the reading, whatever stands in it', () => {
    fc.assert(
      fc.property(changes, (how) => {
        let found: readonly XmlElement[] = [];
        try {
          found = elementsOf(
            Buffer.from(changed(Buffer.from(whole), how)).toString('latin1'),
            'definitions',
            'definition',
          );
        } catch {
          return;
        }
        for (const one of found) parseDefinition(one);
      }),
      { numRuns: 500 },
    );
  });
});
