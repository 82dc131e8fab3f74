import base from './jest.config.js';

/** End-to-end tests against real clients and registries; `.ci/run` installs what they need. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 600_000,
};
