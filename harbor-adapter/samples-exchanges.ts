import { PratiqueError } from '../core/errors.ts';
import {
  metadataTypes,
  olderReportType,
  sbomReportType,
  scanRequestType,
  vulnerabilityReportType,
} from './media-types.ts';
import { digestOf, finding, rig, scanned, scanRequest, settle, uncoveredVerdict } from './samples.ts';
import {
  idOf,
  metadataPath,
  type Reply,
  reportPath,
  type Sent,
  scanPath,
  startTestAdapter,
} from './samples-server.ts';

/** A request as the API's documents name it, with its answer. */
export interface Exchange {
  readonly what: string;
  /** As in the documents, below the base path. */
  readonly path: '/metadata' | '/scan' | '/scan/{scan_request_id}/report';
  readonly method: 'get' | 'post';
  /** What was sent, where it was JSON. */
  readonly sent: unknown;
  readonly reply: Reply;
}

const json = (body: unknown): string => JSON.stringify(body);
const asked = (type: string, more: object = {}) => scanRequest({ enabled_capabilities: [{ type, ...more }] });
const spdx = `?sbom_media_type=${encodeURIComponent('application/spdx+json')}`;
const cycloneDx = `?sbom_media_type=${encodeURIComponent('application/vnd.cyclonedx+json')}`;

/** Plays every endpoint to every answer that it has. */
export async function playExchanges(): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  const adapter = await startTestAdapter({}, rig({}, { mostWaiting: 3 }));
  const broken = await startTestAdapter({
    advisories: () => {
      throw new Error('disk full');
    },
  });
  const { at } = adapter;
  const play = async (what: string, sent: Sent, by = adapter): Promise<Reply> => {
    const reply = await by.send(sent);
    const path = sent.path === metadataPath ? '/metadata' : sent.path === scanPath ? '/scan' : reportTemplate;
    const method = sent.body === undefined ? 'get' : 'post';
    exchanges.push({ what, path, method, sent: bodyOf(sent), reply });
    return reply;
  };
  const post = (what: string, body: unknown, version: string) =>
    play(what, {
      path: scanPath,
      headers: { 'Content-Type': `${scanRequestType}; version=${version}` },
      body: json(body),
    });
  const report = (what: string, id: string, accept: string, query = '') =>
    play(what, { path: reportPath(id, query), headers: { Accept: accept } });

  for (const type of metadataTypes) {
    await play(`metadata ${type}`, { path: metadataPath, headers: { Accept: type } });
  }
  await play('metadata that cannot be had', { path: metadataPath }, broken);

  const both = idOf(await post('a scan of everything', scanRequest({ enabled_capabilities: null }), '1.0'));
  await settle();
  await report('not there yet', both, vulnerabilityReportType);
  await at.scans.answer(
    scanned({ findings: [finding(), finding({ id: 'GHSA-1', aliases: [], cvss: null })] }),
  );
  await report('a report', both, vulnerabilityReportType);
  await report('the older report', both, olderReportType);
  await report('SPDX', both, sbomReportType, spdx);
  await report('CycloneDX', both, sbomReportType, cycloneDx);
  await report('no SBOM format', both, sbomReportType);
  await report('an unknown SBOM format', both, sbomReportType, '?sbom_media_type=x/y');
  await report('the raw report', both, 'application/vnd.scanner.adapter.vuln.report.raw');
  await report('an unknown scan', 'nothing', vulnerabilityReportType);

  const clean = idOf(await post('a scan for vulnerabilities', asked('vulnerability'), '1.1'));
  await settle();
  await at.scans.answer(scanned({ findings: [] }));
  await report('a clean report', clean, vulnerabilityReportType);
  await report('an SBOM that was not asked for', clean, sbomReportType, spdx);
  const failed = idOf(await post('a scan that fails', asked('vulnerability'), '1.1'));
  await settle();
  await at.scans.answer(new PratiqueError('upstream-refused', 'harbor.example answered 401.'));
  await report('a failed scan', failed, vulnerabilityReportType);
  const uncovered = idOf(await post('a scan of an uncovered image', asked('vulnerability'), '1.1'));
  await settle();
  await at.scans.answer(scanned({ verdict: uncoveredVerdict }));
  await report('an uncovered image', uncovered, vulnerabilityReportType);

  await post('types that are wrong', scanRequest({ artifact: 1 }), '1.1');
  await post('a digest that is none', scanRequest({ artifact: { repository: 'a', digest: 'b' } }), '1.1');
  await post('a capability that is none', asked('malware'), '1.1');
  await post('a report that is not made', asked('vulnerability', { produces_mime_types: ['a/b'] }), '1.1');
  for (const letter of ['b', 'c', 'd']) {
    await post('another scan', withDigest(digestOf(letter)), '1.1');
  }
  await post('one scan too many', withDigest(digestOf('e')), '1.1');
  await Promise.all([adapter.close(), broken.close()]);
  return exchanges;
}

const reportTemplate = '/scan/{scan_request_id}/report';

function withDigest(digest: string): object {
  const request = asked('vulnerability');
  const { artifact } = request;
  return { ...request, artifact: { ...(typeof artifact === 'object' ? artifact : {}), digest } };
}

function bodyOf({ body }: Sent): unknown {
  return body === undefined ? undefined : JSON.parse(body.toString());
}
