import type { Message } from '../../message.ts';
import { headersOf, type Post } from '../../post.ts';
import type { WebhookConfig } from './config.ts';
import { sign, signatureHeader } from './signature.ts';

/** @param now milliseconds since 1970, of this attempt: a signature ages */
export function webhookPost(config: WebhookConfig, message: Message, now: number): Post {
  const cloudEvents = config.format === 'cloudevents';
  const body = JSON.stringify(cloudEvents ? cloudEventOf(message) : message);
  const type = cloudEvents ? 'application/cloudevents+json; charset=utf-8' : 'application/json';
  return {
    url: config.url,
    headers: {
      ...headersOf(config, message.id, type),
      ...(config.secret === null ? {} : { [signatureHeader]: sign(config.secret, body, now) }),
    },
    body,
  };
}

/** CloudEvents 1.0, JSON format. `source` and `id` together name a message once. */
function cloudEventOf(message: Message): object {
  const subject = message.subject.image ?? message.subject.digest;
  return {
    specversion: '1.0',
    id: message.id,
    source: '/pratique',
    type: `pratique.${message.kind}.v${message.schemaVersion}`,
    time: message.at,
    ...(subject === null ? {} : { subject }),
    datacontenttype: 'application/json',
    data: message,
  };
}
