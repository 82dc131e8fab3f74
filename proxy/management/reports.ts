import type { Request, Router } from 'express';
import { PratiqueError } from '../../core/errors.ts';
import { busy, queryText } from './query.ts';

export const reportParameters = [
  'advisory',
  'policy',
  'since',
  'namespace',
  'limit',
  'offset',
  'format',
] as const;

/** What was asked, as it was written; null where it was not. */
export type ReportAsked = Readonly<Record<(typeof reportParameters)[number], string | null>>;

export interface ReportAnswer {
  readonly contentType: string;
  readonly body: string;
  /** Of the one style element of an HTML page, as a CSP source (`sha256-…`); null: it has none. */
  readonly styleHash: string | null;
  /** Name of the file that it is saved as; null: it is shown. */
  readonly fileName: string | null;
  /** Whether nothing had to be left out. */
  readonly complete: boolean;
}

export interface Reports {
  readonly list: readonly { readonly name: string; readonly title: string }[];
  /** @throws PratiqueError `usage-invalid` for what cannot be asked */
  make(name: string, asked: ReportAsked): Promise<ReportAnswer>;
}

/** Each may read every verdict that there is. */
const mostAtOnce = 2;

export function reportRoutes(router: Router, reports: Reports): void {
  let underWay = 0;
  router.get('/api/v1/reports', (_request, response) => {
    response.json({ reports: reports.list, parameters: reportParameters });
  });
  router.get('/api/v1/reports/:name', async (request, response) => {
    const asked = askedOf(request);
    if (underWay >= mostAtOnce) {
      busy(response, `${mostAtOnce} reports are being made already: ask again in a few seconds`);
      return;
    }
    underWay += 1;
    try {
      const answer = await reports.make(request.params.name, asked);
      const style = answer.styleHash === null ? '' : ` style-src '${answer.styleHash}';`;
      response.set(
        'Content-Security-Policy',
        `default-src 'none';${style} base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      response.set('Pratique-Report-Complete', String(answer.complete));
      if (answer.fileName !== null)
        response.set('Content-Disposition', `attachment; filename="${answer.fileName}"`);
      response.set('Content-Type', answer.contentType).send(answer.body);
    } finally {
      underWay -= 1;
    }
  });
}

function askedOf(request: Request): ReportAsked {
  const known: readonly string[] = reportParameters;
  const other = Object.keys(request.query).find((name) => !known.includes(name));
  if (other !== undefined)
    throw new PratiqueError(
      'usage-invalid',
      `a report has no parameter "${other.slice(0, 100)}": there are ${known.join(', ')}`,
    );
  return {
    advisory: queryText(request, 'advisory'),
    policy: queryText(request, 'policy'),
    since: queryText(request, 'since'),
    namespace: queryText(request, 'namespace'),
    limit: queryText(request, 'limit'),
    offset: queryText(request, 'offset'),
    format: queryText(request, 'format'),
  };
}
