import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import type { ServerCertificate } from './certificate.ts';
import { keepCertificate } from './certificate-keeper.ts';

const certificate = (cert: string, ca = 'one'): ServerCertificate => ({
  ...{ cert, ca, key: `key of ${cert}`, caFile: null, expires: '2027-01-01T00:00:00.000Z', made: 'nothing' },
});

/** Looks as often as there are answers, then ends. */
async function kept(answers: readonly (ServerCertificate | Error)[], isPublished = true) {
  const [renewed, logged, publishedFor]: [string[], string[], (number | null)[]] = [[], [], []];
  let [bundles, ticks, looks] = [0, 0, 0];
  const log = (level: string) => (_fields: object, message: string) => logged.push(`${level} ${message}`);
  await new Promise<void>((resolve) => {
    const keeper = keepCertificate({
      source: {
        bundle: () => Promise.resolve('one'),
        ensure: (publishedSince) => {
          publishedFor.push(publishedSince('one'));
          const answer = answers[looks];
          looks += 1;
          ticks += 1000;
          if (looks === 1) keeper.published('one', 0);
          if (looks > answers.length) {
            // Not awaited here: the closing waits for this very look.
            keeper.close().then(resolve, resolve);
            return Promise.resolve(certificate('last'));
          }
          return answer instanceof Error
            ? Promise.reject(answer)
            : Promise.resolve(answer ?? certificate('a'));
        },
      },
      first: certificate('a'),
      isPublished,
      onRenewed: ({ cert }) => renewed.push(cert),
      onBundle: () => {
        bundles += 1;
      },
      ticks: () => ticks,
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      every: 1,
    });
  });
  return { renewed, bundles, logged, publishedFor };
}

describe('a certificate that is looked after', () => {
  it('is handed on when it is another one, and only then', async () => {
    const { renewed, bundles } = await kept([certificate('a'), certificate('b'), certificate('b')]);
    expect([renewed, bundles]).toEqual([['b', 'last'], 0]);
  });

  it('has clusters told when its authorities are others', async () => {
    const { renewed, bundles } = await kept([certificate('a', 'one two')]);
    // The last look has the old bundle again.
    expect([renewed, bundles]).toEqual([['last'], 2]);
  });

  it('stays as it is where it cannot be looked after, which is told once', async () => {
    const away = new PratiqueError('upstream-unreachable', 'the API server cannot be asked');
    const { renewed, logged } = await kept([away, away, away]);
    expect(renewed).toEqual(['last']);
    expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('knows for how long clusters have trusted its authorities', async () => {
    const { publishedFor } = await kept([certificate('a'), certificate('a')]);
    expect(publishedFor).toEqual([0, 0, 1000]);
    expect((await kept([certificate('a')], false)).publishedFor).toEqual([null, null]);
  });
});
