const digest = {
  name: 'digest',
  in: 'path',
  required: true,
  description: 'Digest of a platform manifest',
  schema: { type: 'string', pattern: '^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$' },
};
const json = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
});

/** Description of the management API (OpenAPI 3.1). */
export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Pratique management API', version: '1' },
  paths: {
    '/healthz': { get: { summary: 'The process answers', responses: { 200: json('It does') } } },
    '/readyz': {
      get: {
        summary: 'Whether images can be cleared now',
        responses: { 200: json('They can'), 503: json('They cannot: `reasons` says why') },
      },
    },
    '/metrics': {
      get: {
        summary: 'Metrics in the Prometheus text format',
        responses: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
    '/api/v1/status': {
      get: { summary: 'Advisories, policy, vettings under way', responses: { 200: json('Status') } },
    },
    '/api/v1/verdicts': {
      get: {
        summary: 'The newest verdict of every image, refused ones first',
        responses: { 200: json('Verdicts') },
      },
    },
    '/api/v1/verdicts/{digest}': {
      get: {
        summary: 'The newest verdict of one image with all its findings and its inventory',
        parameters: [digest],
        responses: { 200: json('Verdict'), 400: json('Not a digest'), 404: json('Nothing is known of it') },
      },
    },
  },
} as const;
