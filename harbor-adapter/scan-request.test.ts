import { describe, expect, it } from '@jest/globals';
import { isRefusal } from './refusal.ts';
import { digestOf, scanRequest } from './samples.ts';
import { parseScanRequest, type RequestRules } from './scan-request.ts';

const rules: RequestRules = { sbom: true, registries: null };
const read = (body: unknown, given = rules) =>
  parseScanRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), given);

/** Harbor's request with some fields of a part changed. */
function withPart(part: 'registry' | 'artifact', fields: object): object {
  const request = scanRequest();
  const before = request[part];
  return { ...request, [part]: { ...(typeof before === 'object' ? before : {}), ...fields } };
}

describe('a scan request as Harbor sends it', () => {
  it('is read whole', () => {
    expect(read(scanRequest())).toEqual({
      source: {
        registry: 'https://harbor.example',
        insecure: false,
        authorization: { kind: 'basic', username: 'robot$scan', password: 'secret' },
        repository: 'library/nginx',
        digest: digestOf('a'),
      },
      artifact: {
        repository: 'library/nginx',
        digest: digestOf('a'),
        tag: '1.27',
        mimeType: 'application/vnd.docker.distribution.manifest.v2+json',
      },
      kinds: ['vulnerabilities'],
      sbomMediaTypes: [],
    });
  });

  const sbomType = 'application/vnd.security.sbom.report+json; version=1.0';
  it.each<[what: string, capabilities: unknown, kinds: string[], formats: string[]]>([
    ['none', undefined, ['vulnerabilities', 'sbom'], []],
    ['null, as Go writes none', null, ['vulnerabilities', 'sbom'], []],
    ['an empty list', [], ['vulnerabilities', 'sbom'], []],
    ['one without a type', [{}], ['vulnerabilities'], []],
    ['only the type', [{ type: 'vulnerability' }], ['vulnerabilities'], []],
    [
      'the older report',
      [
        {
          type: 'vulnerability',
          produces_mime_types: ['application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'],
        },
      ],
      ['vulnerabilities'],
      [],
    ],
    [
      "Harbor's SBOM",
      [
        {
          type: 'sbom',
          produces_mime_types: [sbomType],
          parameters: { sbom_media_types: ['application/spdx+json'] },
        },
      ],
      ['sbom'],
      ['application/spdx+json'],
    ],
    ['two at once', [{ type: 'vulnerability' }, { type: 'sbom' }], ['vulnerabilities', 'sbom'], []],
    ['the same twice', [{ type: 'sbom' }, { type: 'sbom' }], ['sbom'], []],
    ['unknown fields', [{ type: 'sbom', more: 1, parameters: { more: 2 } }], ['sbom'], []],
  ])('enabled_capabilities: %s', (_what, enabled_capabilities, kinds, sbomMediaTypes) => {
    expect(read(scanRequest({ enabled_capabilities }))).toMatchObject({ kinds, sbomMediaTypes });
  });

  it('gets no SBOM where they are switched off', () => {
    expect(read(scanRequest({ enabled_capabilities: null }), { ...rules, sbom: false })).toMatchObject({
      kinds: ['vulnerabilities'],
    });
  });

  it.each<[what: string, fields: object, source: object]>([
    ['a slash at the end', { url: 'https://Harbor.Example/' }, { registry: 'https://harbor.example' }],
    ['the own port', { url: 'https://harbor.example:443' }, { registry: 'https://harbor.example' }],
    ['the internal address', { url: 'http://core:8080' }, { registry: 'http://core:8080', insecure: true }],
    ['a name with an underscore', { url: 'http://harbor_core' }, { registry: 'http://harbor_core' }],
    ['an IPv6 address', { url: 'https://[::1]:8443' }, { registry: 'https://[::1]:8443' }],
    ['no authorization', { authorization: '' }, { authorization: { kind: 'none' } }],
    ['null', { authorization: null }, { authorization: { kind: 'none' } }],
    ['a token', { authorization: 'Bearer x' }, { authorization: { kind: 'bearer', token: 'x' } }],
    ['an indicator', { insecure: true }, { insecure: true }],
  ])('registry: %s', (_what, fields, source) => {
    expect(read(withPart('registry', fields))).toMatchObject({ source });
  });

  it.each<[fields: object, artifact: object]>([
    [{ tag: '' }, { tag: null }],
    [{ tag: null }, { tag: null }],
    [{ mime_type: '' }, { mimeType: '' }],
    [{ mime_type: 'application/vnd.oci.image.manifest.v1+json' }, {}],
    [{ mime_type: 'application/vnd.oci.image.manifest.v1+json; charset=utf-8' }, {}],
    [{ more: { of: 'it' } }, {}],
  ])('artifact: %j', (fields, artifact) => {
    expect(read(withPart('artifact', fields))).toMatchObject({ artifact });
  });
});

describe('a scan request that is refused', () => {
  const raw = JSON.stringify(scanRequest());
  it.each<[what: string, body: unknown, status: number, told: string]>([
    ['empty', '', 400, 'it is not JSON'],
    ['no JSON', '{', 400, 'it is not JSON'],
    ['null', 'null', 400, 'the body'],
    ['a list', '[]', 400, 'the body'],
    ['nested without end', '['.repeat(50_000), 400, 'deeper than'],
    ['a field twice', raw.replace('"tag"', '"digest"'), 400, 'twice'],
    ['a field that Go takes for another', raw.replace('"digest"', '"Digest"'), 400, 'readers'],
    ['a number as digest', withPart('artifact', { digest: 1 }), 400, 'artifact.digest'],
    ['a text as registry', scanRequest({ registry: 'x' }), 400, 'registry'],
    ['a map of capabilities', scanRequest({ enabled_capabilities: {} }), 400, 'enabled_capabilities'],
    ['no registry', scanRequest({ registry: undefined }), 422, 'registry.url'],
    ['no artifact', scanRequest({ artifact: null }), 422, 'artifact.repository'],
    ['no digest', withPart('artifact', { digest: null }), 422, 'artifact.digest'],
    ['a short digest', withPart('artifact', { digest: 'sha256:ab' }), 422, 'artifact.digest'],
    ['capitals in the digest', withPart('artifact', { digest: `sha256:${'A'.repeat(64)}` }), 422, 'digest'],
    ['another algorithm', withPart('artifact', { digest: `md5:${'a'.repeat(32)}` }), 422, 'artifact.digest'],
    ['a way up', withPart('artifact', { repository: '../x' }), 422, 'artifact.repository'],
    ['a query', withPart('artifact', { repository: 'a?b' }), 422, 'artifact.repository'],
    ['a line break', withPart('artifact', { repository: 'a\nb' }), 422, '"a b"'],
    ['a long name', withPart('artifact', { repository: 'a'.repeat(300) }), 422, 'artifact.repository'],
    ['a long tag', withPart('artifact', { tag: 'a'.repeat(200) }), 422, 'artifact.tag'],
    [
      'an OCI index',
      withPart('artifact', { mime_type: 'application/vnd.oci.image.index.v1+json' }),
      422,
      'an index is not scanned',
    ],
    [
      "Docker's list",
      withPart('artifact', { mime_type: 'application/vnd.docker.distribution.manifest.list.v2+json' }),
      422,
      'an index is not scanned',
    ],
    [
      'a chart',
      withPart('artifact', { mime_type: 'application/vnd.cncf.helm.config.v1+json' }),
      422,
      'only container images',
    ],
    ['credentials unread', withPart('registry', { authorization: 'Basic ???' }), 422, 'authorization'],
    ['an unknown capability', scanRequest({ enabled_capabilities: [{ type: 'malware' }] }), 422, 'malware'],
    [
      'an unknown SBOM format',
      scanRequest({ enabled_capabilities: [{ type: 'sbom', parameters: { sbom_media_types: ['x/y'] } }] }),
      422,
      'x/y',
    ],
    [
      'a report that is not made',
      scanRequest({
        enabled_capabilities: [
          { type: 'vulnerability', produces_mime_types: ['application/vnd.scanner.adapter.vuln.report.raw'] },
        ],
      }),
      501,
      'raw',
    ],
  ])('%s', (_what, body, status, told) => {
    expect(read(body)).toEqual({ status, message: expect.stringContaining(told) });
  });

  it.each([
    'ftp://harbor.example',
    'file:///etc/passwd',
    'harbor.example',
    '//harbor.example',
    'https://user:secret@harbor.example',
    'https://user@harbor.example',
    'https://harbor.example/v2',
    'https://harbor.example/?x',
    'https://harbor.example#x',
    'https://harbor.example\\@evil.example',
    'https://harbor.example evil.example',
    'https://harbor.example:99999',
    'https://',
    'https://-harbor',
    '',
    `https://${'a'.repeat(400)}`,
  ])('registry.url %s', (url) => {
    const answer = read(withPart('registry', { url }));
    expect(answer).toMatchObject({ status: 422, message: expect.stringContaining('registry.url') });
  });

  it.each<[registries: string[], url: string, allowed: boolean]>([
    [['harbor.example'], 'https://harbor.example', true],
    [['Harbor.Example'], 'https://HARBOR.example:443/', true],
    [['core:8080'], 'http://core:8080', true],
    [['core'], 'http://core:8080', false],
    [['harbor.example'], 'https://harbor.example.evil', false],
    [['127.0.0.1'], 'http://0x7f.1', true],
    [['harbor.example'], 'http://169.254.169.254', false],
    [[], 'https://harbor.example', false],
  ])('allowed %j, asked %s: %s', (registries, url, allowed) => {
    const answer = read(withPart('registry', { url }), { ...rules, registries });
    expect(isRefusal(answer)).toBe(!allowed);
  });

  it('never says the secret', () => {
    const answer = read(withPart('registry', { authorization: 'Basic top-secret' }));
    expect(JSON.stringify(answer)).not.toContain('top-secret');
  });
});
