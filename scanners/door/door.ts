import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Express, type Request, type Response } from 'express';
import type { Digest } from '../../core/digest.ts';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ImagePull, ImageToPull, PullDoor } from '../../core/ports/scanner.ts';
import { isOciError, type OciError, ociError, ociErrorBody } from '../../registry/oci-error.ts';
import { parseRegistryPath } from '../../registry/path.ts';
import { type Pass, Passes, passUser, tokenIn } from './passes.ts';
import { repositoryNameOf } from './repository.ts';

export interface DoorOptions {
  /** Milliseconds that a pull may take: as long as a scan, and then the rights end whether it has ended or not. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Where other scanners pull. Apart from the registry port: what is handed out here has no verdict yet, and nobody gets
 * anything who does not show the token of a scan that runs. That token opens one manifest and the blobs that it names, by
 * GET and HEAD.
 */
export class ScanDoor implements PullDoor {
  readonly app: Express;
  readonly #passes: Passes;
  readonly #options: DoorOptions;
  #origin: string | null = null;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#passes = new Passes(options.now);
    this.app = express();
    this.app.disable('x-powered-by');
    this.app.disable('etag');
    this.app.use((request, response) => {
      this.#serve(request, response).catch((error: unknown) => this.#fail(request, response, error));
    });
  }

  /** It is reached there: `http://127.0.0.1:34567`. */
  openedAt(origin: string): void {
    this.#origin = origin;
  }

  /** Scans whose rights have not ended. */
  get underWay(): number {
    return this.#passes.size;
  }

  async during<Result>(image: ImageToPull, work: (pull: ImagePull) => Promise<Result>): Promise<Result> {
    if (this.#origin === null) throw new Error('nobody can pull before the door is open');
    const repository = repositoryNameOf(image.name);
    const endsAt = this.#options.now() + this.#options.lifetime;
    const { token, revoke } = this.#passes.issue({ repository, image, endsAt });
    try {
      return await work({
        registry: this.#origin,
        repository,
        digest: image.digest,
        mediaType: image.mediaType,
        username: passUser,
        password: token,
      });
    } finally {
      revoke();
    }
  }

  async #serve(request: Request, response: Response): Promise<void> {
    response.set({ 'Docker-Distribution-Api-Version': 'registry/2.0', 'Cache-Control': 'no-store' });
    const pass = this.#passOf(request);
    if (pass === null) {
      response.set('WWW-Authenticate', 'Basic realm="pratique scan"');
      return refuse(
        request,
        response,
        ociError('UNAUTHORIZED', 'the token of a scan that runs is needed here'),
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(request, response, ociError('DENIED', `a scan may pull, and not ${request.method}`));
    }
    const asked = parseRegistryPath(request.url);
    if (isOciError(asked)) return refuse(request, response, asked);
    if (asked.kind === 'base') {
      response.json({});
      return;
    }
    if (asked.kind === 'catalog' || asked.name !== pass.repository) {
      return refuse(request, response, denied(pass));
    }
    if (asked.kind === 'manifest') {
      const { pointer } = asked;
      if (pointer.kind !== 'digest' || pointer.digest !== pass.image.digest)
        return refuse(request, response, denied(pass));
      return sendManifest(request, response, pass.image);
    }
    if (asked.kind !== 'blob') return refuse(request, response, denied(pass));
    return sendBlob(request, response, pass, asked.digest);
  }

  #passOf(request: Request): Pass | null {
    const token = tokenIn(request.headers.authorization);
    return token === null ? null : this.#passes.of(token);
  }

  #fail(request: Request, response: Response, error: unknown): void {
    this.#options.logger.warn(
      { url: request.url, why: errorText(error) },
      'a scanner could not pull what it has to scan',
    );
    if (response.headersSent) response.destroy();
    else refuse(request, response, ociError('BLOB_UNKNOWN', 'it cannot be had at the moment'));
  }
}

function denied({ repository, image }: Pass): OciError {
  return ociError(
    'DENIED',
    `this token is good for ${repository}@${image.digest} and what it is made of alone`,
  );
}

function refuse(request: Request, response: Response, { status, code, message }: OciError): void {
  response.status(status).type('application/json');
  response.end(request.method === 'HEAD' ? undefined : ociErrorBody(code, message, message));
}

function sendManifest(request: Request, response: Response, image: ImageToPull): void {
  response.status(200).set({
    'Content-Type': image.mediaType,
    'Content-Length': String(image.manifest.length),
    'Docker-Content-Digest': image.digest,
  });
  response.end(request.method === 'HEAD' ? undefined : image.manifest);
}

async function sendBlob(request: Request, response: Response, pass: Pass, digest: Digest): Promise<void> {
  const blob = pass.image.blobs.find((one) => one.digest === digest);
  if (blob === undefined) return refuse(request, response, denied(pass));
  const body = request.method === 'HEAD' ? null : Readable.from(await pass.image.open(digest));
  response.status(200).set({
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(blob.size),
    'Docker-Content-Digest': digest,
  });
  if (body === null) {
    response.end();
    return;
  }
  await pipeline(body, response);
}
