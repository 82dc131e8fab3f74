import { PratiqueError } from '../../core/errors.ts';
import { listOf } from '../../policy/text.ts';
import type { Probe } from './adapter-probe.ts';
import { isLoopback } from './registration.ts';
import { type HarborVersion, refusesSbom, switchSbomOff } from './version.ts';

export interface PingFailure {
  readonly adapterUrl: string;
  readonly harborUrl: string;
  readonly versionText: string;
  readonly version: HarborVersion | null;
  /** What Harbor said; of an adapter that it cannot use that is "internal server error" and no more. */
  readonly said: string;
  readonly probe: Probe;
}

/** Harbor does not tell why it could not use an adapter, so the reason is looked for from here. */
export function pingFailure(failure: PingFailure): PratiqueError {
  const { adapterUrl, harborUrl } = failure;
  return new PratiqueError(
    'harbor-refused',
    [
      `Harbor cannot use the adapter at ${adapterUrl}: ${failure.said}`,
      ...reasons(failure).map((reason) => `  - ${reason}`),
    ].join('\n'),
    { harbor: harborUrl, adapter: adapterUrl },
  );
}

function reasons({ adapterUrl, versionText, version, probe }: PingFailure): string[] {
  const found: string[] = [];
  const refused = probe.kind === 'refuses' && (probe.status === 401 || probe.status === 403);
  if (isLoopback(adapterUrl) && !refused) {
    found.push(
      `${adapterUrl} means Harbor's own container to Harbor. Let the adapter listen on an address that Harbor can reach ("listen: { harborAdapter: 0.0.0.0:5090 }") and give that with --adapter-url`,
    );
  }
  if (probe.kind === 'answers') {
    const types = probe.metadata.capabilities.map(({ type }) => (type === '' ? 'vulnerability' : type));
    found.push(
      `this machine gets an answer from it: ${probe.metadata.scanner.name} ${probe.metadata.scanner.version}, for ${listOf(types)}`,
    );
    if (types.includes('sbom') && (version === null || refusesSbom(version))) {
      found.push(
        version === null
          ? `Harbor up to 2.10 refuses scanners that also make SBOMs (its version is not known here). ${switchSbomOff}`
          : `Harbor ${versionText} refuses scanners that also make SBOMs. ${switchSbomOff}`,
      );
      if (version !== null) return found;
    }
    found.push(
      "so look at the way from Harbor's core container to it: the name's resolution there, a firewall, a proxy (name the adapter in no_proxy of harbor.yml)",
    );
    if (adapterUrl.startsWith('https:'))
      found.push(
        'the certificate: Harbor has to trust its authority (docs/harbor.md), or register with --skip-cert-verify',
      );
  } else if (probe.kind === 'refuses') {
    found.push(
      refused
        ? `the adapter refuses these credentials (${probe.status}). Give those of "harborAdapter.auth" with --adapter-auth`
        : `what answers there says ${probe.status} to GET /api/v1/metadata: is it Pratique's adapter? Its port is 5090 unless configured otherwise`,
    );
  } else {
    found.push(
      `this machine gets no answer either (${probe.why}), which tells little where only Harbor can reach it. Is "pratique serve" running with the adapter, and is --adapter-url its address?`,
    );
  }
  return found;
}
