import { describe, expect, test } from '@jest/globals';
import { messageOf } from '../../message.ts';
import { event, iso, start } from '../../samples.ts';
import { webhookPost } from './payload.ts';
import { signatureHeader, verifySignature } from './signature.ts';

const config = {
  type: 'webhook',
  url: 'http://127.0.0.1:1/hook',
  token: 'tok',
  ca: null,
  format: 'message',
  secret: 'key',
} as const;
const message = messageOf(event(), '1');

describe('a generic webhook', () => {
  test('gets the message with its id and a token', () => {
    const { body, headers, url } = webhookPost(config, message, start);
    expect(JSON.parse(body)).toEqual(message);
    expect(url).toBe(config.url);
    expect(headers).toMatchObject({ 'X-Pratique-Message-Id': message.id, Authorization: 'Bearer tok' });
  });

  test('or a CloudEvent', () => {
    const { body, headers } = webhookPost({ ...config, format: 'cloudevents' }, message, start);
    expect(headers['Content-Type']).toMatch(/^application\/cloudevents\+json/);
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: message.id,
      source: '/pratique',
      type: 'pratique.verdict-changed.v1',
      time: iso(start),
      subject: 'docker.io/library/nginx',
      datacontenttype: 'application/json',
      data: message,
    });
  });

  test('is not signed without a secret', () => {
    const { headers } = webhookPost({ ...config, secret: null }, message, start);
    expect(headers[signatureHeader]).toBeUndefined();
  });
});

describe('a signature', () => {
  const { body, headers } = webhookPost(config, message, start);
  const header = headers[signatureHeader] ?? '';
  const other = header.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

  test.each([
    ['as it was sent', 'key', header, body, start, true],
    ['five minutes later', 'key', header, body, start + 300_000, true],
    ['too late', 'key', header, body, start + 301_000, false],
    ['from the future', 'key', header, body, start - 301_000, false],
    ['another secret', 'other', header, body, start, false],
    ['another body', 'key', header, `${body} `, start, false],
    ['another time', 'key', header.replace(/^t=[0-9]+/, `t=${start / 1000 + 1}`), body, start, false],
    ['another signature', 'key', other, body, start, false],
    ['no signature', 'key', '', body, start, false],
  ] as const)('%s', (_, secret, sent, text, now, expected) => {
    expect(verifySignature(secret, sent, text, now)).toBe(expected);
  });
});
