import { errorCode } from '../core/errors.ts';
import type { ProxySettings } from '../core/http-proxy.ts';
import { createPoster } from './http.ts';
import type { Message } from './message.ts';
import type { Outcome, Send } from './outcome.ts';
import type { HttpTarget, Post } from './post.ts';
import { alertmanagerPost } from './receivers/alertmanager/payload.ts';
import type { ReceiverKind } from './receivers/config.ts';
import { falcosidekickPost } from './receivers/falcosidekick/payload.ts';
import { appendLine } from './receivers/file/append.ts';
import type { FileConfig } from './receivers/file/config.ts';
import { fileLine } from './receivers/file/payload.ts';
import { slackPost } from './receivers/slack/payload.ts';
import { webhookPost } from './receivers/webhook/payload.ts';

export interface SendOptions {
  /** Of this machine, as Falco names it. */
  readonly hostname: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of an attempt; 10 s if left out. */
  readonly timeout?: number;
  /** Left out: none. */
  readonly proxies?: ProxySettings;
}

/** How one receiver is sent a message. */
export function createSend(config: ReceiverKind, { hostname, now, timeout, proxies }: SendOptions): Send {
  const posting = (target: HttpTarget, write: (message: Message) => Post): Send => {
    const post = createPoster(target, now, timeout, proxies);
    return (message, signal) => post(write(message), signal);
  };
  switch (config.type) {
    case 'falcosidekick':
      return posting(config, (message) => falcosidekickPost(config, message, hostname));
    case 'slack':
      return posting(config, (message) => slackPost(config, message));
    case 'alertmanager':
      return posting(config, (message) => alertmanagerPost(config, message));
    case 'webhook':
      return posting(config, (message) => webhookPost(config, message, now()));
    case 'file':
      return (message) => write(config, message);
  }
}

async function write(config: FileConfig, message: Message): Promise<Outcome> {
  try {
    await appendLine(config, fileLine(message));
    return { kind: 'delivered' };
  } catch (error) {
    const code = errorCode(error) ?? 'unknown';
    return { kind: 'retry', problem: `cannot be written: ${code}`, after: null, answered: false };
  }
}
