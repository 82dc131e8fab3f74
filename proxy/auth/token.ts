import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from '../../core/ports/logger.ts';
import { isOciError, type OciError, ociError } from '../../registry/oci-error.ts';
import { sendError } from '../respond.ts';
import { boundParameter } from './challenge.ts';
import { type Credentials, namedCredentials, parseAuthorization } from './credentials.ts';
import { grantOf } from './grant.ts';
import type { Holder } from './holder.ts';
import type { LoginGate } from './login-gate.ts';
import { type AskedScopes, parseScopes } from './scope.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Tokens } from './tokens.ts';

/** Bytes of a form. */
const largestForm = 16_384;
const formType = 'application/x-www-form-urlencoded';
const mostAnonymous = 'log in first: nothing is open here to who did not';

/**
 * The token endpoint, `/auth/token`: `GET` (Docker's token specification) with Basic or without credentials, and `POST`
 * (OAuth 2, `grant_type=password`). Refresh tokens are not offered: a client keeps its password and asks again.
 */
export function createTokenApp(options: {
  readonly service: string;
  /** Whether anything is open to who did not log in. */
  readonly open: boolean;
  readonly nobody: Holder;
  readonly logins: LoginGate;
  readonly tokens: Tokens;
  readonly keys: Pick<SigningKeys, 'publicKeys'>;
  readonly resolve: (name: string, below: string | null) => string | null;
  /** Where a request comes from. */
  readonly addressOf: (request: Request) => string;
  readonly logger: Logger;
}): Express {
  const { service, nobody, logins, tokens, resolve, addressOf, logger } = options;

  const answer = async (
    request: Request,
    response: Response,
    parameters: URLSearchParams,
    credentials: Credentials,
  ): Promise<void> => {
    const asked = readRequest(parameters, service);
    if (isOciError(asked)) return refuse(response, request, asked);
    if (credentials.kind === 'bearer')
      return refuse(response, request, unauthorized('a token is not exchanged for another'));
    if (credentials.kind === 'invalid') return refuse(response, request, unauthorized(credentials.why));
    const holder = credentials.kind === 'none' ? nobody : await logins.check(credentials, addressOf(request));
    if (isOciError(holder)) {
      const user = credentials.kind === 'basic' ? credentials.user : null;
      const from = addressOf(request);
      logger.info({ user, from, status: holder.status, why: holder.message }, 'login refused');
      return refuse(response, request, holder);
    }
    if (holder.user === null && !options.open) return refuse(response, request, unauthorized(mostAnonymous));
    const below = queryOf(request).get(boundParameter);
    const granted: AskedScopes = {
      repositories: grantOf(asked.repositories, {
        holder,
        resolve: (name) => resolve(name, below),
      }),
      // It shows what may be pulled anyway, and nothing else.
      lists: asked.lists,
    };
    const { token, expiresIn, issuedAt } = await tokens.issue(holder, granted);
    response.json({
      token,
      access_token: token,
      expires_in: expiresIn,
      issued_at: new Date(issuedAt).toISOString(),
      scope: scopeText(granted),
    });
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    next();
  });
  app.get('/auth/token', (request, response) =>
    answer(request, response, queryOf(request), parseAuthorization(request.headers.authorization)),
  );
  app.post('/auth/token', express.text({ type: formType, limit: largestForm }), (request, response) => {
    const body: unknown = request.body;
    if (typeof body !== 'string')
      return refuse(response, request, badRequest(`the body is not a form (${formType})`));
    const form = new URLSearchParams(body);
    const credentials = readForm(form);
    return isOciError(credentials)
      ? refuse(response, request, credentials)
      : answer(request, response, form, credentials);
  });
  app.get('/auth/jwks.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').removeHeader('Pragma');
    response.json({ keys: options.keys.publicKeys() });
  });
  app.use((request, response) => {
    refuse(response, request, {
      ...ociError('UNSUPPORTED', 'what is here is GET or POST /auth/token, and GET /auth/jwks.json'),
      status: request.path === '/auth/token' ? 405 : 404,
    });
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (isBodyFault(error))
      return refuse(response, request, badRequest(`the form cannot be read: ${error.message}`));
    logger.error({ err: error }, 'a token could not be made');
    refuse(response, request, ociError('DENIED', 'no token: an internal error, see the log'));
  });
  return app;
}

function scopeText({ repositories, lists }: AskedScopes): string {
  const texts = repositories.map(({ name, actions }) => `repository:${name}:${actions.join(',')}`);
  return [...texts, ...(lists ? ['registry:catalog:*'] : [])].join(' ');
}

function readRequest(parameters: URLSearchParams, service: string): ReturnType<typeof parseScopes> {
  const services = parameters.getAll('service');
  if (services.length !== 1 || services[0] !== service)
    return badRequest(`the parameter "service" has to be "${service}"`);
  return parseScopes(parameters.getAll('scope'));
}

function readForm(form: URLSearchParams): Credentials | OciError {
  if (one(form, 'grant_type') !== 'password')
    return badRequest('the parameter "grant_type" has to be "password"');
  const [user, password] = [one(form, 'username'), one(form, 'password')];
  if (user === null || password === null)
    return badRequest('the form has to hold one "username" and one "password"');
  return namedCredentials(user, password);
}

function one(form: URLSearchParams, name: string): string | null {
  const values = form.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

function queryOf(request: Request): URLSearchParams {
  const mark = request.url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1));
}

function refuse(response: Response, request: Request, error: OciError): void {
  if (error.status === 401) response.set('WWW-Authenticate', 'Basic realm="pratique"');
  sendError(response, request.method, error);
}

function unauthorized(message: string): OciError {
  return ociError('UNAUTHORIZED', message);
}

function badRequest(message: string): OciError {
  return { ...ociError('UNSUPPORTED', message), status: 400 };
}

/** What Express's reader of bodies throws: too large, a wrong encoding, cut off. */
function isBodyFault(error: unknown): error is Error {
  return (
    error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
  );
}
