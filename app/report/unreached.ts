import type { Mode, Place } from '../../webhook/install/manifests.ts';

/** What a failed call says, in the API server's words, and what to do then. The first that fits. */
const causes: readonly (readonly [RegExp, string])[] = [
  [
    /certificate has expired|not yet valid/,
    'its certificate has ended, or a clock is wrong: renew the files of webhook.certificate; where Pratique makes it, the log of serve says what keeps it from that',
  ],
  [
    /unknown authority|failed to verify certificate: x509: certificate signed/,
    'its certificate is of another authority than the caBundle that is entered: let serve enter it (webhook.register), or give it with pratique webhook install --ca FILE',
  ],
  [
    /certificate is valid for|not valid for any names|doesn't contain any IP SANs|cannot validate certificate for/,
    'its certificate is for other names: add this one to webhook.names, or to the certificate of your own',
  ],
  [
    /\b40[13]\b|unauthorized|forbidden/i,
    'it does not know this API server: see webhook.clientCa, and the certificate that the API server is configured to show',
  ],
];

/** Sentences for whoever finds that the API server does not reach the webhook: what that means now, and what to do. */
export function unreachedAdvice(facts: {
  readonly mode: Mode | null;
  readonly failurePolicy: string;
  readonly place: Place;
  /** null: the API server has not said. */
  readonly why: string | null;
}): readonly string[] {
  const { mode, failurePolicy, place, why } = facts;
  const isClosed = failurePolicy !== 'Ignore';
  const cause = causes.find(([pattern]) => pattern.test(why ?? ''));
  return [
    isClosed
      ? 'meanwhile nothing that would start an image is let in, but in the namespaces that are not judged'
      : 'meanwhile everything is let in, and nothing is told of it',
    `what to do: ${cause?.[1] ?? runningText(place)}`,
    ...(isClosed && mode === 'enforce'
      ? ['to let everything in until then: pratique webhook enforce --off']
      : []),
  ];
}

function runningText(place: Place): string {
  const also =
    'does its log say that the API server knows its authority (webhook.register), and is its certificate for that name (webhook.names)?';
  return place.kind === 'url'
    ? `is pratique serve running at ${place.url}, on an address that the API server reaches (listen.webhook)? ${also}`
    : `are its Pods running and ready (kubectl -n ${place.namespace} get pods,endpointslices; kubectl -n ${place.namespace} logs deployment/${place.name})? ${also}`;
}
