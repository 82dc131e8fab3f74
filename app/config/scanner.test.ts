import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig } from './load.ts';

function load(text: string, env: Record<string, string> = {}) {
  const file = join(temporaryDirectory(), 'pratique.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, data: null, env }).scanner;
}

describe('the setting of the scanner', () => {
  it('is the built-in one by default', () => {
    expect(load('')).toMatchObject({
      engine: null,
      maxAge: 86_400_000,
      timeout: 600_000,
      pull: { listen: { host: '127.0.0.1', port: 0 }, url: null },
      others: {
        trivy: { command: 'trivy', server: null, serverToken: null },
        grype: { command: 'grype' },
        harbor: null,
        covers: { system: false, types: [] },
        concurrency: null,
      },
    });
  });

  it('says how others are reached, with secrets from elsewhere', () => {
    const { engine, pull, others } = load(
      `scanner:
  engine: harbor
  covers: [os, npm]
  concurrency: 4
  pull: { listen: "0.0.0.0:5010", url: "https://pratique.corp:5010/" }
  trivy: { server: "http://trivy.corp:4954/", token: { secretEnv: T } }
  harbor: { url: "https://clair.corp/api/v1", auth: { type: bearer, secretEnv: H } }`,
      { T: 'one', H: 'two' },
    );
    expect({ engine, pull, others }).toEqual({
      engine: 'harbor',
      pull: { listen: { host: '0.0.0.0', port: 5010 }, url: 'https://pratique.corp:5010' },
      others: {
        trivy: { command: 'trivy', server: 'http://trivy.corp:4954', serverToken: 'one' },
        grype: { command: 'grype' },
        harbor: { url: 'https://clair.corp', login: { kind: 'bearer', token: 'two' }, ca: null },
        covers: { system: true, types: ['npm'] },
        concurrency: 4,
      },
    });
  });

  it.each([
    ['another engine', 'engine: snyk', /scanner.engine: .*builtin, trivy, grype or harbor/],
    ['an engine without an address', 'engine: harbor, covers: [os]', /scanner.harbor: found nothing/],
    [
      'an adapter of which nobody says what it knows',
      'engine: harbor, harbor: { url: "http://x" }',
      /scanner.covers: found nothing/,
    ],
    [
      'systems, for a scanner that tells them itself',
      'engine: trivy, covers: [os]',
      /scanner.covers: found os/,
    ],
    ['a kind of packages that there is not', 'covers: [jars]', /scanner.covers/],
    [
      'an open door without an address',
      'pull: { listen: "0.0.0.0:5010" }',
      /scanner.pull.url: found nothing/,
    ],
    ['credentials in an address', 'harbor: { url: "http://a:b@x" }', /scanner.harbor.url/],
    ['a token without a server', 'trivy: { token: { secretEnv: T } }', /scanner.trivy/],
    ['a command that is an option', 'grype: { command: "--version" }', /scanner.grype.command/],
    ['a time without a unit', 'maxAge: 24', /scanner.maxAge/],
    ['an unknown key', 'trivvy: {}', /unknown key "trivvy"/],
  ])('is refused for %s', (_, text, why) => {
    expect(() => load(`scanner: { ${text} }`)).toThrow(why);
  });
});
