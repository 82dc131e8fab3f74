import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LoneWebhook, lonePorts, startLoneWebhook } from '../support/lone-webhook.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';

/** Milliseconds; the certificate is good for two. */
const day = 24 * 60 * 60 * 1000;
const { cert, key } = selfSignedCertificate();
let webhook: LoneWebhook;

beforeAll(async () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'tls.crt'), cert);
  writeFileSync(join(dir, 'tls.key'), key);
  webhook = await startLoneWebhook({
    ...{ dir, ca: cert, url: 'https://127.0.0.1:1', token: 'x'.repeat(40), ports: await lonePorts() },
    webhook: { certificate: 'tls.crt', key: 'tls.key' },
  });
}, 60_000);
afterAll(() => webhook?.stop());

describe('a certificate that somebody else renews', () => {
  const told = async (): Promise<readonly string[]> => (await webhook.readyz()).body.reasons;

  it('has its end among the metrics', async () => {
    const [, seconds] =
      /^pratique_webhook_certificate_end_seconds (\S+)$/m.exec(await webhook.metrics()) ?? [];
    expect(Number(seconds) * 1000).toBe(Date.parse(new X509Certificate(cert).validTo));
  });

  it('is told by /readyz of the management port once it has ended, with what to do', async () => {
    expect((await told()).join()).not.toContain('certificate');
    await webhook.turn(3 * day);
    const answer = await webhook.readyz();
    expect(answer.status).toBe(503);
    expect(answer.body.reasons).toContainEqual(
      expect.stringMatching(
        /^the webhook's certificate has ended .*, so no API server trusts it: renew the files of webhook\.certificate and webhook\.key$/,
      ),
    );
  });
});
