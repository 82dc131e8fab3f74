import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ServerCertificate } from './certificate.ts';
import type { ClusterAnswer, ClusterClient } from './cluster/client.ts';
import { type Asked, failureOf } from './cluster/failure.ts';
import { advance, bundleOf, type Material, MissingKey } from './material.ts';
import { dataOf, materialIn, type SecretName, secretText, unusable } from './secret-material.ts';

/** Milliseconds by which a clock may differ from the API server's before that is told. */
const clocksDiffer = 5 * 60_000;
/** Rounds of reading and writing while others write too; each round one of them succeeds. */
const mostRounds = 10;

const secretSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});
type SecretObject = z.output<typeof secretSchema>;

interface Found {
  /** null: there is none. */
  readonly object: SecretObject | null;
  /** null: it has nothing in it yet. */
  readonly material: Material | null;
  /** The API server's clock, milliseconds since 1970: it is the one that looks at certificates. */
  readonly now: number;
}

/**
 * The certificate that all replicas serve with, in a Secret. Whoever comes first makes it; whoever finds that something has
 * to be made again makes it; and what the others have written meanwhile counts (`resourceVersion`). The keys are in the
 * Secret alone.
 */
export class SharedCertificate {
  readonly #options: {
    readonly client: ClusterClient;
    readonly secret: SecretName;
    readonly names: readonly string[];
    readonly now: () => number;
    readonly logger: Logger;
  };
  #last: Material | null = null;
  #clockTold = false;

  constructor(options: {
    readonly client: ClusterClient;
    readonly secret: SecretName;
    readonly names: readonly string[];
    /** Milliseconds since 1970; used where the API server does not tell its own. */
    readonly now: () => number;
    readonly logger: Logger;
  }) {
    this.#options = options;
  }

  /**
   * Reads the Secret, and writes what has to be made.
   * @param publishedFor for how many milliseconds clusters have been seen to trust a bundle; null: nobody looks
   * @throws PratiqueError `data-unusable` where the Secret holds something else, `config-invalid` for missing rights, and as
   *   `ClusterClient.call`
   */
  async ensure(publishedFor: (bundle: string) => number | null): Promise<ServerCertificate> {
    const { names, secret, logger } = this.#options;
    for (let round = 0; round < mostRounds; round += 1) {
      const found = await this.#read();
      if (found.material === null && this.#last !== null) {
        logger.warn(
          { secret: secret.name, namespace: secret.namespace },
          'the Secret with the webhook certificate is gone: what it held is written again',
        );
      }
      const before = found.material ?? this.#last;
      const { material, made } = await this.#advance(before, {
        ...{ names, furtherNames: true, now: found.now },
        publishedFor: before === null ? null : publishedFor(bundleOf(before)),
      });
      if (material !== found.material && !(await this.#write(found.object, material))) continue;
      this.#last = material;
      return certificateOf(material, made);
    }
    throw new PratiqueError(
      'upstream-refused',
      `${this.#what} was changed by others ${mostRounds} times while it was written; see who writes it beside Pratique`,
      { secret: secret.name, namespace: secret.namespace },
    );
  }

  /** The authorities as the Secret has them now. @throws PratiqueError as above */
  async bundle(): Promise<string> {
    const material = (await this.#read()).material ?? this.#last;
    if (material !== null) return bundleOf(material);
    throw new PratiqueError('data-unusable', `${this.#what} holds no certificate yet`);
  }

  get #what(): string {
    return secretText(this.#options.secret);
  }

  get #path(): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.#options.secret.namespace)}/secrets`;
  }

  async #advance(...given: Parameters<typeof advance>): ReturnType<typeof advance> {
    try {
      return await advance(...given);
    } catch (error) {
      if (!(error instanceof MissingKey)) throw error;
      throw unusable(
        this.#options.secret,
        'ca.key',
        'is missing, and a new certificate has to be signed',
        error,
      );
    }
  }

  async #read(): Promise<Found> {
    const { client, secret } = this.#options;
    const answer = await client.call({
      method: 'GET',
      path: `${this.#path}/${encodeURIComponent(secret.name)}`,
    });
    const now = this.#clock(answer);
    if (answer.status === 404) return { object: null, material: null, now };
    if (answer.status >= 400) throw failureOf(answer, this.#asked('read', ['get', 'update']));
    const result = secretSchema.safeParse(answer.body);
    if (!result.success) {
      throw new PratiqueError(
        'upstream-misbehaved',
        `the API server's answer on ${this.#what} cannot be read`,
        { secret: secret.name },
      );
    }
    return { object: result.data, material: materialIn(secret, result.data.data ?? {}), now };
  }

  /** Certificates are looked at by the API server, and by its clock. */
  #clock({ date }: ClusterAnswer): number {
    const own = this.#options.now();
    if (date === null) return own;
    const differ = Math.abs(date - own) > clocksDiffer;
    if (differ && !this.#clockTold) {
      const seconds = Math.round((own - date) / 1000);
      this.#options.logger.error(
        { aheadSeconds: seconds },
        "this machine's clock is not that of the API server, whose time counts for certificates",
      );
    }
    this.#clockTold = differ;
    return date;
  }

  /** @returns false: somebody else was faster */
  async #write(object: SecretObject | null, material: Material): Promise<boolean> {
    const { client, secret } = this.#options;
    const { name, namespace } = secret;
    const data = dataOf(material);
    const answer =
      object === null
        ? await client.call({
            method: 'POST',
            path: this.#path,
            body: {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: { name, namespace, labels },
              type: 'Opaque',
              data,
            },
          })
        : await client.call({
            method: 'PUT',
            path: `${this.#path}/${encodeURIComponent(name)}`,
            // With the version that was read: it fails where somebody else has written since.
            body: { ...object, data },
          });
    if (answer.status === 409) return false;
    // It was deleted since it was read.
    if (answer.status === 404 && object !== null) return false;
    if (answer.status >= 400) {
      const verbs = object === null ? ['create'] : ['get', 'update'];
      throw failureOf(answer, this.#asked(object === null ? 'create' : 'update', verbs));
    }
    return true;
  }

  #asked(verb: string, verbs: readonly string[]): Asked {
    const { name, namespace } = this.#options.secret;
    return {
      verb,
      what: this.#what,
      rule: { group: '', resource: 'secrets', name: verb === 'create' ? null : name, verbs },
      setting: 'webhook.secret',
      missing: `make the namespace "${namespace}"`,
      fields: { secret: name, namespace },
    };
  }
}

const labels = {
  'app.kubernetes.io/name': 'pratique',
  'app.kubernetes.io/component': 'webhook',
  'app.kubernetes.io/managed-by': 'pratique',
};

function certificateOf(material: Material, made: ServerCertificate['made']): ServerCertificate {
  const { server } = material;
  if (server === null) throw new Error('there is no certificate after all');
  const expires = new Date(new X509Certificate(server.certificate).validTo).toISOString();
  const { certificate: cert, key } = server;
  return { key, cert, ca: bundleOf(material), caFile: null, expires, made };
}
