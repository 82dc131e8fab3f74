import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';

/** Characters of an API server's own words that are told on. */
const longestWords = 300;

/**
 * A failure to read or patch a ValidatingWebhookConfiguration, as a sentence that says what to do.
 * @param error whatever the client library threw
 */
export function clusterError(error: unknown, configuration: string): PratiqueError {
  if (isPratiqueError(error)) return error;
  const status = statusOf(error);
  const fields = { configuration, status };
  const named = (code: 'config-invalid' | 'upstream-refused' | 'upstream-misbehaved', text: string) =>
    new PratiqueError(code, text, fields, error);
  const what = `the ValidatingWebhookConfiguration "${configuration}"`;
  const words = wordsOf(error);
  switch (status) {
    case null:
      // What the library cannot read is a SyntaxError of its own; all else is the way to the server.
      return error instanceof SyntaxError
        ? named(
            'upstream-misbehaved',
            `the API server's answer on ${what} cannot be read: ${errorText(error)}`,
          )
        : new PratiqueError(
            'upstream-unreachable',
            `the API server cannot be asked for ${what}: ${errorText(error)}`,
            fields,
            error,
          );
    case 401:
      return named(
        'config-invalid',
        `the API server does not accept Pratique's credentials${words}; mount a service account token, or correct webhook.register.kubeconfig`,
      );
    case 403:
      return named(
        'config-invalid',
        `the API server does not let Pratique read and patch ${what}${words}; its ClusterRole needs the rule ${missingRule(configuration)}`,
      );
    case 404:
      return named(
        'config-invalid',
        `${what} is not in the cluster; apply one (deploy/kubernetes/validating-webhook.yaml is an example), or correct webhook.register.configuration`,
      );
    case 409:
    case 422:
      return named(
        'upstream-refused',
        `the API server did not take the patch of ${what}${words}; somebody else may have changed it meanwhile`,
      );
    default:
      return named(
        'upstream-refused',
        `the API server answered ${status} when asked for ${what}${words}; see its log`,
      );
  }
}

/** YAML in one line, as it goes into a ClusterRole. */
function missingRule(configuration: string): string {
  return `{ apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], resourceNames: [${configuration}], verbs: [get, patch] }`;
}

/** The library's exception has the HTTP status as its `code`; network errors have a text there. */
function statusOf(error: unknown): number | null {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}

/** ` (…)` with the message of the Kubernetes Status that came, else with what came; empty for nothing. */
function wordsOf(error: unknown): string {
  const body: unknown = typeof error === 'object' && error !== null && 'body' in error ? error.body : null;
  const text = messageOf(typeof body === 'string' ? parsed(body) : body);
  const short = text.replace(/\s+/g, ' ').trim().slice(0, longestWords);
  return short === '' ? '' : ` (${short})`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy's page or plain text: its words are as good as any.
    return body;
  }
}

function messageOf(status: unknown): string {
  if (typeof status === 'string') return status;
  const message: unknown =
    typeof status === 'object' && status !== null && 'message' in status ? status.message : '';
  return typeof message === 'string' ? message : '';
}
