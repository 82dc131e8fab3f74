import { describe, expect, test } from '@jest/globals';
import { join, type Message, messageOf } from '../../message.ts';
import { event } from '../../samples.ts';
import { slackPost } from './payload.ts';

const config = { type: 'slack', url: 'https://127.0.0.1/services/T/B/X', token: null, ca: null } as const;

interface Body {
  readonly text: string;
  readonly blocks: readonly { readonly type: string; readonly text?: { readonly text: string } }[];
}
const bodyOf = (message: Message): Body => JSON.parse(slackPost(config, message).body) as Body;
const textsOf = (message: Message): string[] =>
  bodyOf(message).blocks.flatMap(({ text }) => (text === undefined ? [] : [text.text]));

describe('a Slack message', () => {
  test('says what, why, and in the fallback text too', () => {
    const message = messageOf(event(), '');
    expect(textsOf(message)).toEqual([
      ':warning: *CVE-2026-1: docker.io/library/nginx passes no longer by policy "baseline"*',
      '• CVE-2026-1 critical in openssl 3.0.1 (fixed in 3.0.2)',
    ]);
    expect(bodyOf(message).text).toContain('CVE-2026-1: docker.io/library/nginx');
  });

  test('of many: ten examples and how many more', () => {
    let message = messageOf(event(), '0');
    for (let number = 1; number < 25; number += 1)
      message = join(message, messageOf(event({ title: `image ${number}` }), String(number)));
    const [head, , examples] = textsOf(message);
    expect(head).toContain('25 images pass no longer');
    expect(examples?.split('\n')).toHaveLength(11);
    expect(examples).toContain('… and 15 more');
  });

  test('a name from outside calls nobody', () => {
    const text = slackPost(config, messageOf(event({ title: '<!channel> & <@U1>' }), '')).body;
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(text).not.toContain('<!');
  });

  test('no section is longer than Slack takes', () => {
    const long = event({ title: '&'.repeat(600), reasons: Array.from({ length: 9 }, () => '<'.repeat(900)) });
    for (const text of textsOf(join(messageOf(long, '1'), messageOf(long, '2'))))
      expect(text.length).toBeLessThanOrEqual(3000);
  });
});
