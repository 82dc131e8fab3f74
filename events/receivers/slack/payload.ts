import type { EventSeverity } from '../../../core/event.ts';
import { cut, type Message } from '../../message.ts';
import { headersOf, type Post } from '../../post.ts';
import type { SlackConfig } from './config.ts';

const signs: Record<EventSeverity, string> = {
  critical: ':rotating_light:',
  warning: ':warning:',
  notice: ':information_source:',
};

/** Characters: Slack refuses a section of more than 3000 after escaping. */
const longestSection = 2900;

/** What an incoming webhook takes: blocks, and a text for notifications. */
export function slackPost(config: SlackConfig, message: Message): Post {
  const head = `${signs[message.severity]} *${escapeText(message.title)}*`;
  const reasons = message.reasons.map((reason) => `• ${escapeText(reason)}`);
  const examples = message.count === 1 ? [] : message.examples.map(({ title }) => `• ${escapeText(title)}`);
  const rest = message.count - message.examples.length;
  const more = message.count > 1 && rest > 0 ? [`… and ${rest} more`] : [];
  const footer = `${message.kind} · ${message.at} · ${message.id.slice(0, 8)}`;
  const body = {
    text: `${signs[message.severity]} ${escapeText(message.title)}`,
    blocks: [
      section(head),
      ...(reasons.length === 0 ? [] : [section(linesThatFit(reasons))]),
      ...(examples.length === 0 ? [] : [section(linesThatFit([...examples, ...more]))]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: footer }] },
    ],
    unfurl_links: false,
  };
  return { url: config.url, headers: headersOf(config, message.id), body: JSON.stringify(body) };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** Whole lines for as long as there is room: half an escape would be another text. */
function linesThatFit(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    if (text.length + line.length + 2 > longestSection) return `${text}\n…`;
    text = text === '' ? line : `${text}\n${line}`;
  }
  return text;
}

/** Slack reads `<!channel>`, `<@user>` and links: nothing of a name from outside may become one of those. */
function escapeText(text: string): string {
  return cut(text, 400).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
