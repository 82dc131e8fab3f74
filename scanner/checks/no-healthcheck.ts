import { type CheckOf, ofFacts } from './check.ts';

export const noHealthcheck: CheckOf = {
  id: 'no-healthcheck',
  version: 1,
  find: ofFacts(({ healthcheck }) => (healthcheck ? null : 'the config has no health check')),
};
