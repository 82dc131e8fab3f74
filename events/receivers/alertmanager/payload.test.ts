import { describe, expect, test } from '@jest/globals';
import { join, type Message, messageOf } from '../../message.ts';
import { digestOf, event, iso, start } from '../../samples.ts';
import { alertmanagerPost } from './payload.ts';

const config = {
  type: 'alertmanager',
  url: 'http://127.0.0.1:9093/',
  token: null,
  ca: null,
  alertFor: 3_600_000,
} as const;

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}
const alertsOf = (message: Message): Alert[] => JSON.parse(alertmanagerPost(config, message).body) as Alert[];
const key = ({ labels }: Alert): string => JSON.stringify(Object.entries(labels).sort());
const image = (number: number) =>
  messageOf(event({ subject: { ...event().subject, digest: digestOf(number) } }), String(number));

describe('alerts', () => {
  test('go to version 2 of the API', () => {
    expect(alertmanagerPost(config, image(1)).url).toBe('http://127.0.0.1:9093/api/v2/alerts');
  });

  test('one for each image, which fires until something ends it or its time is over', () => {
    const alerts = alertsOf(join(image(1), image(2)));
    expect(alerts.map(({ labels }) => labels)).toEqual(
      [1, 2].map((number) => ({
        alertname: 'PratiqueImageRefused',
        severity: 'warning',
        source: 'pratique',
        digest: digestOf(number),
        policy: 'baseline',
      })),
    );
    expect(alerts[0]).toMatchObject({ startsAt: iso(start), endsAt: iso(start + 3_600_000) });
  });

  test.each(['verdict-changed', 'running-image-bad'] as const)(
    '%s ends when the image passes again',
    (kind) => {
      const bad = messageOf(event({ kind, severity: 'critical' }), '1');
      const good = messageOf(event({ severity: 'notice', at: iso(start + 1000), group: 'other' }), '2');
      const ends = new Map(alertsOf(good).map((alert) => [key(alert), alert]));
      for (const alert of alertsOf(bad)) expect(ends.get(key(alert))?.endsAt).toBe(iso(start + 1000));
    },
  );

  test('more images than a message holds: one alert for the others', () => {
    let message = image(0);
    for (let number = 1; number < 300; number += 1) message = join(message, image(number));
    const alerts = alertsOf(message);
    expect(alerts).toHaveLength(201);
    expect(alerts.at(-1)?.labels).toMatchObject({ digest: 'others', policy: 'baseline' });
  });

  test('what is about no image is one alert by its group', () => {
    const stale = event({ kind: 'advisories-stale', group: 'advisories' });
    expect(alertsOf(messageOf(stale, '1'))).toHaveLength(1);
    expect(alertsOf(messageOf(stale, '1'))[0]?.labels.group).toBe('advisories');
  });
});
