/** Description by status. */
type Answers = Readonly<Record<string, string>>;
type Schema = Readonly<Record<string, unknown>>;

const digest = {
  name: 'digest',
  in: 'path',
  required: true,
  description: 'Digest of a platform manifest',
  schema: { type: 'string', pattern: '^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$' },
};

const query = (name: string, description: string, schema: Schema = { type: 'string' }) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});
const whole = (maximum: number, fallback: number, minimum = 0): Schema => ({
  type: 'integer',
  minimum,
  maximum,
  default: fallback,
});

const content = (...types: readonly string[]) =>
  Object.fromEntries(
    types.map((type) => [type, { schema: { type: type === 'application/json' ? 'object' : 'string' } }]),
  );

/** A read of JSON. */
const reads = (summary: string, answers: Answers, parameters: readonly object[] = []) => ({
  get: {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, description]) => [
        status,
        { description, content: content('application/json') },
      ]),
    ),
  },
});

const reportParameters = [
  query('format', 'How it is written', {
    type: 'string',
    enum: ['json', 'csv', 'html', 'table'],
    default: 'json',
  }),
  query('advisory', 'Of the report `advisory`: which one, by any of its names'),
  query('policy', 'By this policy only'),
  query('since', 'Of `newly-bad` and `history`: a day or a time in UTC'),
  query('namespace', 'Only what was let in to this namespace'),
  query('limit', 'Most rows', whole(10_000, 1000, 1)),
  query('offset', 'Rows to leave out first', whole(100_000, 0)),
];
const reportName = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'Name of a report, of `/api/v1/reports`',
  schema: { type: 'string' },
};

const enough = 'Enough such answers are being made';

/** Description of the management API (OpenAPI 3.1). */
export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Pratique management API', version: '1' },
  paths: {
    '/healthz': reads('The process answers', { 200: 'It does' }),
    '/readyz': reads('Whether images can be cleared now', {
      200: 'They can',
      503: 'They cannot: `reasons` says why',
    }),
    '/metrics': {
      get: {
        summary: 'Metrics in the Prometheus text format',
        responses: { 200: { description: 'Metrics', content: content('text/plain') } },
      },
    },
    '/api/v1/status': reads(
      'Advisories and feeds that could not be renewed, policy, vettings under way, whether findings are current, judging again and its phase',
      { 200: 'Status' },
    ),
    '/api/v1/pulls': reads('Inspections under way: layers and bytes that have come, the longest first', {
      200: 'Pulls',
    }),
    '/api/v1/running': reads(
      'What runs in the cluster that this process looks after, and what is said of it: numbers, and the worst first',
      { 200: 'Running images; `leader` says whether this process has them', 404: 'It looks after none' },
      [query('limit', 'Most rows', whole(5000, 100))],
    ),
    '/api/v1/policy': reads(
      'The policy set in force with its bindings, and why the files are not what is in force',
      { 200: 'Policy' },
    ),
    '/api/v1/exceptions': reads(
      'Exceptions of policy files and granted ones, what ends first comes first',
      { 200: 'Exceptions', 400: 'A parameter that is none' },
      [query('all', 'Those too that have ended or were revoked', { type: 'boolean', default: false })],
    ),
    '/api/v1/verdicts': reads(
      'What stands of every image by every policy, refused ones first; at most 1000',
      {
        200: 'Verdicts; `complete` says whether that is all',
        503: enough,
      },
    ),
    '/api/v1/verdicts/{digest}': reads(
      'What stands of one image by every policy, with all its findings and its inventory; `verdict` is the worst',
      { 200: 'Verdicts', 400: 'Not a digest', 404: 'Nothing is known of it', 503: enough },
      [digest],
    ),
    '/api/v1/changes': reads(
      'The change stream: what has changed since a cursor',
      {
        200: 'A page (`schemaVersion`, `changes`, `cursor`); the next one is asked for after its `cursor`',
        400: 'A parameter that is none',
        410: 'A cursor that these records have not given: start again after 0',
        503: 'Too many wait already',
      },
      [
        query('after', 'The last cursor that was read', whole(Number.MAX_SAFE_INTEGER, 0)),
        query('limit', 'Most changes; 200 with verdicts', whole(1000, 100, 1)),
        query('wait', 'Seconds to wait for a change where there is none', whole(30, 0)),
        query('verdicts', 'With what stands by now', { type: 'boolean', default: false }),
      ],
    ),
    '/api/v1/history': reads(
      'Changes of verdicts, the oldest first',
      { 200: 'Changes; `complete` says whether that is all', 400: 'A parameter that is none', 503: enough },
      [
        query('digest', 'Of this image only'),
        query('policy', 'By this policy only'),
        query('from', 'A day or a time in UTC, inclusive'),
        query('limit', 'Most changes', whole(1000, 100, 1)),
      ],
    ),
    '/api/v1/reports': reads('Which reports there are', { 200: 'Names and titles' }),
    '/api/v1/reports/{name}': {
      get: {
        summary: 'A report from what is recorded',
        parameters: [reportName, ...reportParameters],
        responses: {
          200: {
            description: 'The report; the header `Pratique-Report-Complete` says whether it is whole',
            content: content('application/json', 'text/csv', 'text/html', 'text/plain'),
          },
          400: { description: 'What cannot be asked', content: content('application/json') },
          503: { description: 'Enough reports are being made', content: content('application/json') },
        },
      },
    },
  },
};
