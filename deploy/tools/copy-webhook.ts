import { copyWebhook } from './webhook-layer.ts';

/** `node dist/deploy/tools/copy-webhook.js FROM TO`: what the webhook's image holds, out of a built checkout. */
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  process.stderr.write('usage: copy-webhook FROM TO\n');
  process.exitCode = 2;
} else {
  copyWebhook(from, to);
}
