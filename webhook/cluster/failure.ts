import { PratiqueError } from '../../core/errors.ts';
import type { ClusterAnswer } from './client.ts';

/** Characters of an API server's own words that are told on. */
const longestWords = 300;

/** What was asked of an API server, for whoever reads that it failed. */
export interface Asked {
  /** Such as `read and patch`. */
  readonly verb: string;
  /** Such as `the ValidatingWebhookConfiguration "pratique"`. */
  readonly what: string;
  /** What a role of whoever asks has to hold. */
  readonly rule: Rule;
  /** Where the credentials are named: `webhook.register.kubeconfig`, `--kubeconfig`. */
  readonly setting: string;
  /** A sentence's end for what is not there. */
  readonly missing: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly group: string;
  readonly resource: string;
  /** null: any of them. */
  readonly name: string | null;
  readonly verbs: readonly string[];
}

/** A status of 400 or more as a sentence that says what to do. */
export function failureOf({ status, body }: ClusterAnswer, asked: Asked): PratiqueError {
  const { verb, what, setting } = asked;
  const words = wordsOf(body);
  const named = (code: 'config-invalid' | 'upstream-refused', text: string) =>
    new PratiqueError(code, text, { ...asked.fields, status });
  switch (status) {
    case 401:
      return named(
        'config-invalid',
        `the API server does not accept Pratique's credentials${words}; mount a service account token, or correct ${setting}`,
      );
    case 403:
      return named(
        'config-invalid',
        `the API server does not let Pratique ${verb} ${what}${words}; its role needs the rule ${ruleText(asked.rule)}`,
      );
    case 404:
      return named('config-invalid', `${what} is not in the cluster; ${asked.missing}`);
    case 409:
    case 422:
      return named(
        'upstream-refused',
        `the API server did not take the change of ${what}${words}; somebody else may have changed it meanwhile`,
      );
    default:
      return named(
        'upstream-refused',
        `the API server answered ${status} when asked to ${verb} ${what}${words}; see its log`,
      );
  }
}

/** YAML in one line, as it goes into a role. */
export function ruleText({ group, resource, name, verbs }: Rule): string {
  const only = name === null ? '' : `resourceNames: [${name}], `;
  return `{ apiGroups: [${group === '' ? '""' : group}], resources: [${resource}], ${only}verbs: [${verbs.join(', ')}] }`;
}

/** ` (…)` with the message of the Kubernetes Status that came, else with what came; empty for nothing. */
function wordsOf(body: unknown): string {
  const short = messageOf(body).replace(/\s+/g, ' ').trim().slice(0, longestWords);
  return short === '' ? '' : ` (${short})`;
}

/** The message of a Kubernetes Status. */
export function messageOf(status: unknown): string {
  if (typeof status === 'string') return status;
  const message: unknown =
    typeof status === 'object' && status !== null && 'message' in status ? status.message : '';
  return typeof message === 'string' ? message : '';
}
