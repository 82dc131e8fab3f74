import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answered, podOf, review, startTestServer, type TestServer } from './samples.ts';

let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(() => at.close());
beforeEach(() => {
  for (const list of [at.outcomes, at.refused, at.admitted]) list.length = 0;
});

async function asked(path: string, fields: object): Promise<Answered['response']> {
  const { status, text } = await at.send(path, JSON.stringify(review(fields)));
  expect(status).toBe(200);
  return (JSON.parse(text) as Answered).response;
}
const nothing = podOf('https://no/reference');
const probe = { ...nothing, metadata: { annotations: { 'pratique.dev/probe': 'true' } } };

describe('the door for clusters that are watched', () => {
  it('lets in what the other one refuses, and says so to whoever asks and to the audit log', async () => {
    const refused = await asked('/validate', { object: nothing });
    const { allowed, warnings = [], auditAnnotations } = await asked('/audit', { object: nothing });
    expect([refused.allowed, allowed]).toEqual([false, true]);
    expect(warnings[0]).toMatch(/^Pratique would refuse this: container "c0": /);
    expect(auditAnnotations?.['would-refuse']).toBe(refused.status?.message);
    expect(at.outcomes.map(({ allowed, wouldRefuse }) => [allowed, wouldRefuse])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(at.refused).toHaveLength(1);
  });

  it('has a warning for each of several images', async () => {
    const { warnings = [] } = await asked('/audit', { object: podOf('https://a', 'https://b') });
    expect(warnings.map((text) => /container "c\d"/.exec(text)?.[0])).toEqual([
      'container "c0"',
      'container "c1"',
    ]);
  });

  it.each([
    ['/audit', true],
    ['/validate', false],
  ])(
    '%s says of a dry run that asks for it that it was judged; that opens nothing',
    async (path, allowed) => {
      const dry = await asked(path, { object: probe, dryRun: true });
      expect([dry.allowed, dry.warnings?.includes('Pratique has judged this')]).toEqual([allowed, true]);
      const real = await asked(path, { object: probe });
      expect([real.allowed, real.warnings?.includes('Pratique has judged this') ?? false]).toEqual([
        allowed,
        false,
      ]);
    },
  );
});
