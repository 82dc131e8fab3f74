import { describe, expect, it } from '@jest/globals';
import { readVex } from './read.ts';
import { imageDigest, notAffected, openVex } from './samples.ts';

function read(value: unknown): ReturnType<typeof readVex> {
  return readVex(JSON.stringify(value), 'vex.json');
}

/** Statements as `status names products`, and what was refused. */
function told(value: unknown): readonly string[] {
  const document = read(value);
  if (typeof document === 'string') return [`unreadable: ${document}`];
  const said = document.statements.map(({ status, vulnerability, products, justification, impact }) => {
    const names = products.map((product) => {
      if (product.kind === 'package') return `${product.purl.name}@${product.purl.version}`;
      const image = 'digest' in product.image ? product.image.digest.slice(0, 12) : product.image.repository;
      return `${image}[${product.packages.map(({ name }) => name).join()}]`;
    });
    return `${status} ${vulnerability.join()} ${names.join()} ${justification ?? impact ?? ''}`.trim();
  });
  return [...said, ...document.refused];
}

describe('OpenVEX', () => {
  it('reads a document with its author, id and times', () => {
    const document = read(
      openVex([notAffected(), notAffected({ timestamp: '2026-06-02T10:00:00.123456789+02:00' })]),
    );
    expect(document).toMatchObject({
      source: 'vex.json',
      format: 'OpenVEX',
      id: 'https://vendor.example/vex/1',
      author: 'Vendor Security',
      refused: [],
      statements: [
        {
          timestamp: Date.parse('2026-05-01T00:00:00Z'),
          document: 'https://vendor.example/vex/1',
          source: 'vex.json',
        },
        { timestamp: Date.parse('2026-06-02T08:00:00.123Z') },
      ],
    });
  });

  const purl = 'pkg:deb/debian/libssl3';
  const image = { '@id': `pkg:oci/app@${imageDigest}?repository_url=registry.example/app` };
  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      'aliases',
      { vulnerability: { name: 'cve-2024-1', aliases: ['GHSA-x', 'CVE-2024-1'] } },
      ['not_affected CVE-2024-1,GHSA-X libssl3@null vulnerable_code_not_in_execute_path'],
    ],
    [
      '0.0.1: texts',
      { vulnerability: 'CVE-2024-1', products: [image['@id']], subcomponents: [purl] },
      ['not_affected CVE-2024-1 sha256:aaaaa[libssl3] vulnerable_code_not_in_execute_path'],
    ],
    [
      'identifiers',
      { products: [{ '@id': 'https://vendor.example/app', identifiers: { purl, cpe23: 'cpe:2.3:x' } }] },
      ['not_affected CVE-2024-1 libssl3@null vulnerable_code_not_in_execute_path'],
    ],
    [
      'the closest identifier',
      { products: [{ '@id': purl, identifiers: { purl: `${purl}@1` } }] },
      ['not_affected CVE-2024-1 libssl3@1 vulnerable_code_not_in_execute_path'],
    ],
    [
      'the hash of an image',
      {
        products: [
          { '@id': 'pkg:oci/app?repository_url=registry.example/app', hashes: { 'sha-256': 'A'.repeat(64) } },
        ],
      },
      ['not_affected CVE-2024-1 sha256:aaaaa[] vulnerable_code_not_in_execute_path'],
    ],
    [
      'an image by name',
      {
        products: [
          { '@id': 'pkg:oci/app?repository_url=registry.example/app', subcomponents: [{ '@id': purl }] },
        ],
      },
      ['not_affected CVE-2024-1 registry.example/app[libssl3] vulnerable_code_not_in_execute_path'],
    ],
    [
      'an impact statement',
      { justification: undefined, impact_statement: 'It is not called.' },
      ['not_affected CVE-2024-1 libssl3@null It is not called.'],
    ],
    ['fixed', { status: 'fixed', justification: undefined }, ['fixed CVE-2024-1 libssl3@null']],
    ['affected', { status: 'affected', justification: undefined }, ['affected CVE-2024-1 libssl3@null']],
    [
      'no reason',
      { justification: undefined },
      ['statements[0]: not_affected with neither a justification nor an impact statement'],
    ],
    [
      'an empty reason',
      { justification: undefined, impact_statement: ' ' },
      ['statements[0]: not_affected with neither a justification nor an impact statement'],
    ],
    [
      'an unknown status',
      { status: 'harmless' },
      ['statements[0]: the status "harmless" is none of not_affected, affected, fixed, under_investigation'],
    ],
    [
      'no status',
      { status: undefined },
      ['statements[0]: the status "" is none of not_affected, affected, fixed, under_investigation'],
    ],
    [
      'an unknown justification',
      { justification: 'trust_me' },
      [
        'statements[0]: the justification "trust_me" is none of component_not_present, vulnerable_code_not_present, vulnerable_code_not_in_execute_path, vulnerable_code_cannot_be_controlled_by_adversary, inline_mitigations_already_exist',
      ],
    ],
    ['no vulnerability', { vulnerability: {} }, ['statements[0]: it names no vulnerability']],
    [
      'no time that can be read',
      { timestamp: 'yesterday' },
      ['statements[0]: it does not say when it was made'],
    ],
    ['no product', { products: [] }, ['statements[0]: it names no product that can be told here']],
    [
      'a product of another kind',
      { products: [{ '@id': 'https://vendor.example/app' }] },
      [
        'statements[0]: the product "https://vendor.example/app" cannot be told to be a package or an image',
        'statements[0]: it names no product that can be told here',
      ],
    ],
    [
      'a tag',
      { products: ['pkg:oci/app?repository_url=registry.example/app&tag=1.0'] },
      [
        'statements[0]: the product "pkg:oci/app?repository_url=registry.example/app&tag=1.0" cannot be told to be a package or an image',
        'statements[0]: it names no product that can be told here',
      ],
    ],
    [
      'a part of a package',
      { products: [{ '@id': 'pkg:npm/app', subcomponents: [{ '@id': 'pkg:npm/lodash' }] }] },
      [
        'statements[0]: the product "pkg:npm/app" cannot be told to be a package or an image',
        'statements[0]: it names no product that can be told here',
      ],
    ],
    [
      'an image with parts that cannot be told',
      { products: [{ ...image, subcomponents: [{ '@id': 'cpe:2.3:x' }] }] },
      [
        `statements[0]: the product "${image['@id']}" cannot be told to be a package or an image`,
        'statements[0]: it names no product that can be told here',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect(told(openVex([notAffected(fields)]))).toEqual(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['another version', openVex([], { '@context': 'https://openvex.dev/ns/v9' }), /its @context is/],
    ['no author', openVex([], { author: undefined }), /it has no author/],
    ['no id', openVex([], { '@id': ' ' }), /it has no @id/],
    ['no statements', openVex([], { statements: {} }), /no list of statements/],
    ['too many statements', openVex(new Array(20_001).fill({})), /more than 20000 statements/],
    ['something else', { bomFormat: 'CycloneDX' }, /neither OpenVEX/],
    ['a list', [], /neither OpenVEX/],
  ])('refuses a document with %s', (_, value, why) => {
    expect(read(value)).toMatch(why);
  });

  it.each<[string, string]>([
    ['HTML', '<html>'],
    ['a cut document', '{"@context": "https://openvex.dev/ns'],
    ['nothing', ''],
    ['nesting without end', `${'['.repeat(200_000)}`],
  ])('refuses %s', (_, text) => {
    expect(readVex(text, 'x')).toMatch(/not JSON/);
  });

  it('refuses what is too long', () => {
    expect(readVex(' '.repeat(4 * 1024 * 1024 + 1), 'x')).toMatch(/4194304 are read/);
  });
});

describe('CSAF', () => {
  const product = (id: string, purl: string) => ({
    category: 'product_version',
    name: id,
    product: { product_id: id, name: id, product_identification_helper: { purl } },
  });
  const csaf = (vulnerability: object, fields: object = {}) => ({
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      publisher: { name: 'Vendor PSIRT', category: 'vendor' },
      tracking: { id: 'VEX-7', current_release_date: '2026-05-01T00:00:00Z' },
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'v',
          branches: [product('ssl', 'pkg:deb/debian/libssl3'), product('zlib', 'pkg:deb/debian/zlib1g')],
        },
      ],
      full_product_names: [
        {
          product_id: 'app',
          name: 'app',
          product_identification_helper: { purl: `pkg:oci/app@${imageDigest}` },
        },
        { product_id: 'os', name: 'an operating system' },
      ],
      relationships: [
        {
          category: 'default_component_of',
          product_reference: 'ssl',
          relates_to_product_reference: 'app',
          full_product_name: { product_id: 'app:ssl' },
        },
        {
          category: 'default_component_of',
          product_reference: 'ssl',
          relates_to_product_reference: 'os',
          full_product_name: { product_id: 'os:ssl' },
        },
        {
          category: 'something_else',
          product_reference: 'ssl',
          relates_to_product_reference: 'app',
          full_product_name: { product_id: 'odd:ssl' },
        },
      ],
      product_groups: [{ group_id: 'both', product_ids: ['ssl', 'zlib'] }],
    },
    vulnerabilities: [{ cve: 'CVE-2024-1', ...vulnerability }],
    ...fields,
  });
  const flag = {
    flags: [{ label: 'component_not_present', product_ids: ['ssl', 'app:ssl', 'os:ssl', 'odd:ssl'] }],
  };

  it.each<[string, object, readonly string[]]>([
    [
      'a flag',
      { product_status: { known_not_affected: ['ssl'] }, ...flag },
      ['not_affected CVE-2024-1 libssl3@null component_not_present'],
    ],
    [
      'a group, a threat, another id',
      {
        ids: [{ text: 'GHSA-x' }],
        product_status: { known_not_affected: ['zlib'] },
        threats: [{ category: 'impact', details: 'Not called.', group_ids: ['both'] }],
      },
      ['not_affected CVE-2024-1,GHSA-X zlib1g@null Not called.'],
    ],
    [
      'a part of an image',
      { product_status: { known_not_affected: ['app:ssl'] }, ...flag },
      ['not_affected CVE-2024-1 sha256:aaaaa[libssl3] component_not_present'],
    ],
    [
      'a part of what cannot be told',
      { product_status: { known_not_affected: ['os:ssl'] }, ...flag },
      [
        'vulnerabilities[0].product_status.known_not_affected os:ssl: the product "os:ssl" cannot be told to be a package or an image',
        'vulnerabilities[0].product_status.known_not_affected os:ssl: it names no product that can be told here',
      ],
    ],
    [
      'another relation',
      { product_status: { known_not_affected: ['odd:ssl'] }, ...flag },
      [
        'vulnerabilities[0].product_status.known_not_affected odd:ssl: the product "odd:ssl" cannot be told to be a package or an image',
        'vulnerabilities[0].product_status.known_not_affected odd:ssl: it names no product that can be told here',
      ],
    ],
    [
      'no reason',
      { product_status: { known_not_affected: ['zlib'] }, ...flag },
      [
        'vulnerabilities[0].product_status.known_not_affected zlib: not_affected with neither a justification nor an impact statement',
      ],
    ],
    [
      'other states',
      {
        product_status: {
          fixed: ['ssl'],
          known_affected: ['zlib'],
          under_investigation: ['app'],
          recommended: ['ssl'],
        },
      },
      [
        'fixed CVE-2024-1 libssl3@null',
        'affected CVE-2024-1 zlib1g@null',
        'under_investigation CVE-2024-1 sha256:aaaaa[]',
      ],
    ],
    [
      'a state of nobody',
      { product_status: { harmless: ['ssl'] } },
      [
        'vulnerabilities[0].product_status.harmless ssl: the status "harmless" is none of not_affected, affected, fixed, under_investigation',
      ],
    ],
  ])('%s', (_, vulnerability, expected) => {
    expect(told(csaf(vulnerability))).toEqual(expected);
  });

  it('tells author and id', () => {
    expect(read(csaf({ product_status: { fixed: ['ssl'] } }))).toMatchObject({
      format: 'CSAF',
      id: 'VEX-7',
      author: 'Vendor PSIRT',
    });
  });

  it('refuses another version, another category, and branches without end', () => {
    let branches: object[] = [];
    for (let depth = 0; depth < 40; depth += 1) branches = [{ category: 'vendor', name: 'v', branches }];
    const { document } = csaf({});
    expect(read(csaf({}, { document: { ...document, csaf_version: '3.0' } }))).toMatch(/CSAF "3.0"/);
    expect(read(csaf({}, { document: { ...document, category: 'csaf_security_advisory' } }))).toMatch(
      /csaf_vex is read/,
    );
    expect(read(csaf({}, { product_tree: { branches } }))).toMatch(/deeper than 32/);
  });
});
