/** A media range of an `Accept` header (RFC 9110, section 12.5.1). */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  /** The API's one parameter that tells types apart; null where none is given. */
  readonly version: string | null;
  readonly quality: number;
}

/** Nothing that a client needs to say is longer, in characters and in ranges. */
const longestHeader = 2048;
const mostRanges = 32;

/**
 * The offer that an `Accept` header likes best, the first of them among equals; null where it likes none, or
 * cannot be read. A header that is missing or empty likes all. Other parameters than `version` and `q` count
 * for nothing: clients add `charset` to types that have none.
 */
export function negotiate<Offer extends string>(
  header: string | undefined,
  offers: readonly Offer[],
): Offer | null {
  if (header === undefined || header.trim() === '') return offers[0] ?? null;
  const ranges = parseAccept(header);
  let best: Offer | null = null;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > bestQuality) {
      best = offer;
      bestQuality = quality;
    }
  }
  return best;
}

/** The most specific range decides, whatever its place. */
function qualityOf(offer: string, ranges: readonly MediaRange[]): number {
  const wanted = parseRange(offer);
  let specificity = -1;
  let quality = 0;
  for (const range of wanted === null ? [] : ranges) {
    const fits = specificityFor(range, wanted);
    if (fits > specificity || (fits === specificity && fits >= 0 && range.quality > quality)) {
      specificity = fits;
      quality = range.quality;
    }
  }
  return quality;
}

function specificityFor(range: MediaRange, offer: MediaRange | null): number {
  if (offer === null) return -1;
  if (range.type === '*' && range.subtype === '*') return 0;
  if (range.type !== offer.type) return -1;
  if (range.subtype === '*') return 1;
  if (range.subtype !== offer.subtype) return -1;
  if (range.version === null) return 2;
  return range.version === offer.version ? 3 : -1;
}

function parseAccept(header: string): readonly MediaRange[] {
  if (header.length > longestHeader) return [];
  return splitOutsideQuotes(header, ',')
    .slice(0, mostRanges)
    .map(parseRange)
    .filter((range) => range !== null);
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function parseRange(text: string): MediaRange | null {
  const [name = '', ...parameters] = splitOutsideQuotes(text, ';').map((part) => part.trim());
  const [type = '', subtype = '', ...rest] = name.toLowerCase().split('/');
  if (!token.test(type) || !token.test(subtype) || rest.length > 0) return null;
  if (type === '*' && subtype !== '*') return null;
  let version: string | null = null;
  let quality = 1;
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    const key = parameter.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const value = unquote(parameter.slice(equals + 1).trim());
    if (key === 'version') version = value;
    if (key === 'q') quality = parseQuality(value);
  }
  return { type, subtype, version, quality };
}

function parseQuality(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1')
    : value;
}

/** Parts between separators that stand outside of quoted strings (RFC 9110, section 5.6.4). */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** A `Content-Type` read as one range: what it names, in lower case, and its parameters; null: it is none. */
export function parseContentType(
  header: string,
): { readonly name: string; readonly version: string | null; readonly charset: string | null } | null {
  if (header.length > longestHeader) return null;
  const range = parseRange(header);
  if (range === null || range.type === '*' || range.subtype === '*') return null;
  const charset = splitOutsideQuotes(header, ';')
    .map((part) => /^\s*charset\s*=\s*(.*?)\s*$/i.exec(part)?.[1])
    .find((value) => value !== undefined);
  return {
    name: `${range.type}/${range.subtype}`,
    version: range.version,
    charset: charset === undefined ? null : unquote(charset).toLowerCase(),
  };
}
