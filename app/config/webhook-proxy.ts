import { z } from 'zod';
import { parseDuration } from '../../policy/time.ts';
import { isLoopback } from './loopback.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const urlText = 'https://HOST:PORT, or http:// of a loopback address';
const tagsText = 'a time from 0s to 1h, such as 60s or 10m';
const longestTags = 3_600_000;

/** The proxy whose word a webhook on its own feet has (`serve --roles webhook`). */
export const webhookProxySchema = strict({
  url: z.string({ error: urlText }).refine((value) => urlOf(value) !== null, { error: urlText }),
  ca: text.optional(),
  tokenFile: text.optional(),
  tokenEnv: text.optional(),
  certificate: text.optional(),
  key: text.optional(),
  tagsFor: z
    .string({ error: tagsText })
    .refine((value) => tagsOf(value) !== null, { error: tagsText })
    .default('60s'),
})
  .refine(({ url, ca }) => urlOf(url)?.protocol !== 'https:' || ca !== undefined, {
    error: 'ca: the PEM file of the one authority that is believed',
  })
  .refine(({ tokenFile, tokenEnv }) => tokenFile === undefined || tokenEnv === undefined, {
    error: 'at most one of tokenFile, tokenEnv',
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    error: 'certificate and key together, or neither',
  })
  .refine(
    ({ tokenFile, tokenEnv, certificate }) =>
      tokenFile !== undefined || tokenEnv !== undefined || certificate !== undefined,
    { error: 'a token (tokenFile, tokenEnv), or a client certificate and its key' },
  );

/** Files are read where they are used, and again when they change. */
export interface WebhookProxyConfig {
  readonly url: URL;
  /** PEM file; null: plain HTTP, on loopback. */
  readonly ca: string | null;
  readonly token: { readonly file: string } | { readonly variable: string } | null;
  /** PEM files. */
  readonly certificate: string | null;
  readonly key: string | null;
  /** For how long what was heard of a tag is not asked again, milliseconds. */
  readonly tagsFor: number;
}

/** @param at makes a path of the file an absolute one */
export function buildWebhookProxy(
  file: z.output<typeof webhookProxySchema> | undefined,
  at: (path: string) => string,
): WebhookProxyConfig | null {
  if (file === undefined) return null;
  const url = urlOf(file.url);
  const tagsFor = tagsOf(file.tagsFor);
  if (url === null || tagsFor === null) throw new Error('the schema let a value through that it checks');
  const path = (name: string | undefined): string | null => (name === undefined ? null : at(name));
  return {
    url,
    ca: path(file.ca),
    token:
      file.tokenFile !== undefined
        ? { file: at(file.tokenFile) }
        : file.tokenEnv !== undefined
          ? { variable: file.tokenEnv }
          : null,
    certificate: path(file.certificate),
    key: path(file.key),
    tagsFor,
  };
}

/** null: it is none that a token could be sent to. */
function urlOf(value: string): URL | null {
  if (!URL.canParse(value)) return null;
  const url = new URL(value);
  const { protocol, pathname, search, hash, username, password } = url;
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '' || password !== '') return null;
  if (protocol === 'https:') return url;
  return protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')) ? url : null;
}

function tagsOf(value: string): number | null {
  const seconds = /^([0-9]{1,4})s$/.exec(value)?.[1];
  const milliseconds = seconds === undefined ? parseDuration(value) : Number(seconds) * 1000;
  return milliseconds !== null && milliseconds <= longestTags ? milliseconds : null;
}
