import type { CheckOf } from './check.ts';

export const noHealthcheck: CheckOf = {
  id: 'no-healthcheck',
  version: 1,
  find: ({ healthcheck }) => (healthcheck ? null : 'the config has no health check'),
};
