import { matchesName } from './bindings/glob.ts';
import { always } from './condition.ts';
import type { Ground } from './ground.ts';
import type { Duration, ImageCondition } from './policy.ts';
import { oneLine } from './text.ts';
import { isoTime } from './time.ts';

/** What one key of a condition says. null: it does not hold, and never will. */
type Part = { readonly certain: boolean; readonly from: number; readonly because: string } | null;

/** Whether, and from when on, an image is what a condition describes: all its keys have to say so. */
export function imageFaults(condition: ImageCondition, ground: Ground): Part {
  const parts = partsOf(condition, ground);
  let [certain, from] = [true, always];
  const because: string[] = [];
  const doubts: string[] = [];
  for (const part of parts) {
    if (part === null) return null;
    certain &&= part.certain;
    from = Math.max(from, part.from);
    (part.certain ? because : doubts).push(part.because);
  }
  return { certain, from, because: (certain ? because : doubts).join(', and ') };
}

function partsOf(condition: ImageCondition, { inventory, match, scannedAt }: Ground): readonly Part[] {
  const { facts, os } = inventory;
  const parts: Part[] = [];
  const { endOfLifeWithin, olderThan, scanOlderThan, label, user } = condition;
  if (endOfLifeWithin !== null) {
    // That no date is known is what is said of a release that is supported on and on.
    const end = Date.parse(match.endOfLife ?? '');
    const because = `the support of its operating system's release ends on ${match.endOfLife ?? ''}`;
    parts.push(
      Number.isNaN(end) ? null : { certain: true, from: end - endOfLifeWithin.milliseconds, because },
    );
  }
  if (olderThan !== null) {
    const doubt =
      facts === null ? 'its config could not be read' : 'its config does not say when it was built';
    parts.push(age(facts?.created ?? null, olderThan, 'it was built on', doubt));
  }
  if (scanOlderThan !== null) {
    parts.push(age(scannedAt, scanOlderThan, 'it was scanned on', 'nobody knows when it was scanned'));
  }
  if (label !== null) parts.push(facts === null ? unread : labelPart(label, facts.labels));
  if (condition.os !== null) parts.push(osPart(condition.os, os));
  if (user !== null) {
    const name = (facts?.user ?? '').split(':')[0] ?? '';
    const who = name === '' ? 'root' : name;
    parts.push(facts === null ? unread : held(user.includes(who), `it runs as ${oneLine(who, 80)}`));
  }
  return parts;
}

const unread: Part = { certain: false, from: always, because: 'its config could not be read' };

function held(holds: boolean, because: string): Part {
  return holds ? { certain: true, from: always, because } : null;
}

function age(since: string | null, { text, milliseconds }: Duration, what: string, doubt: string): Part {
  const start = Date.parse(since ?? '');
  if (Number.isNaN(start)) return { certain: false, from: always, because: doubt };
  return {
    certain: true,
    from: start + milliseconds,
    because: `${what} ${isoTime(start)}, longer than ${text} ago`,
  };
}

function labelPart(
  { name, value }: NonNullable<ImageCondition['label']>,
  labels: Readonly<Record<string, string>>,
): Part {
  const told = Object.hasOwn(labels, name) ? (labels[name] ?? null) : null;
  const shown = oneLine(name, 100);
  if (value === null) return held(told === null, `it has no label ${shown}`);
  return held(told !== null && matchesName(value, told), `its label ${shown} is ${oneLine(told ?? '', 100)}`);
}

function osPart(patterns: readonly string[], os: Ground['inventory']['os']): Part {
  if (os === null) return { certain: false, from: always, because: 'its operating system is not known' };
  const whole = `${os.id}:${os.versionId}`;
  const fits = patterns.some((pattern) => matchesName(pattern, os.id) || matchesName(pattern, whole));
  return held(fits, `its operating system is ${oneLine(whole, 100)}`);
}
