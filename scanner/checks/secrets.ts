import { tooMany } from '../secrets/file-look.ts';
import { findSecrets } from '../secrets/find.ts';
import { secretRule } from '../secrets/rules.ts';
import { mayBeSecret, secretAssignments } from '../secrets/variables.ts';
import { type CheckGround, type CheckOf, type Found, place } from './check.ts';
import { printable } from './text.ts';

interface Seen extends Found {
  readonly certain: boolean;
}

/** Secrets that are told of one variable or one step. */
const mostOfText = 10;
/** The name of a variable that may be said: another could be the secret itself. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** The rule that goes by the name of what holds the value. */
const byName = 'named-like-a-secret';

function inFiles({ layers }: CheckGround): readonly Seen[] {
  return layers.flatMap(({ digest, checks: { secrets, moreSecrets } }) => {
    const seen = secrets.map(({ path, line, rule }): Seen => {
      const known = secretRule(rule);
      const where = { line, ...place(path, digest) };
      if (known === undefined) return { ...unended(printable(path)), ...where };
      const detail = `${printable(path)}, line ${line}, holds ${known.what}`;
      return { certain: known.certain, detail, rule, ...where };
    });
    if (moreSecrets === 0) return seen;
    const detail = `a layer holds ${moreSecrets} further secrets that are not told one by one`;
    return [...seen, { certain: true, detail, ...(digest === null ? {} : { layer: digest }) }];
  });
}

function inEnvironment({ config }: CheckGround): readonly Seen[] {
  const env = config?.env ?? [];
  // One text, since some secrets are known by what stands beside them.
  const text = env.map((entry) => entry.replaceAll('\n', ' ')).join('\n');
  const { hits, all } = findSecrets(Buffer.from(text, 'latin1'), mostOfText * env.length);
  const found = new Map<number, Seen>();
  let index = 0;
  let next = text.indexOf('\n');
  for (const { rule, start } of hits) {
    for (; next >= 0 && next < start; next = text.indexOf('\n', next + 1)) index += 1;
    if (found.has(index)) continue;
    const detail = `${variable(env[index] ?? '')} holds ${rule.what}`;
    found.set(index, { certain: rule.certain, detail, rule: rule.id });
  }
  env.forEach((entry, index) => {
    const at = entry.indexOf('=');
    if (found.has(index) || at < 0 || !mayBeSecret(entry.slice(0, at), entry.slice(at + 1))) return;
    const detail = `${variable(entry)} has the name of a secret, and a value`;
    found.set(index, { certain: false, detail, rule: byName });
  });
  const seen = [...found].sort(([a], [b]) => a - b).map(([, one]) => one);
  return all ? seen : [...seen, unended('its environment')];
}

function inHistory({ config }: CheckGround): readonly Seen[] {
  return (config?.history ?? []).flatMap((created, index) => {
    const step = `step ${index + 1} of its history`;
    const { hits, all } = findSecrets(Buffer.from(created, 'latin1'), mostOfText);
    const rules = new Set(hits.map(({ rule }) => rule));
    const seen = [...rules].map(
      ({ id, what, certain }): Seen => ({ certain, detail: `${step} holds ${what}`, rule: id }),
    );
    if (!all) seen.push(unended(step));
    // What ENV sets is seen where it ends up.
    if (seen.length > 0 || /^(?:\/bin\/sh -c #\(nop\)\s*)?ENV\s/.test(created)) return seen;
    return secretAssignments(created)
      .filter((name) => plainName.test(name))
      .slice(0, mostOfText)
      .map((name): Seen => {
        const detail = `${step} gives a value to ${name}, which has the name of a secret`;
        return { certain: false, detail, rule: byName };
      });
  });
}

function unended(what: string): Seen {
  const detail = `${what} holds so much that looks like a secret that it was not looked at to its end`;
  return { certain: false, detail, rule: tooMany };
}

/** By the name alone: what stands before the first `=`, if it is a name. */
function variable(entry: string): string {
  const at = entry.indexOf('=');
  const name = at < 0 ? '' : entry.slice(0, at);
  return plainName.test(name) && findSecrets(Buffer.from(name, 'latin1'), 1).hits.length === 0
    ? `the environment variable ${name}`
    : 'an environment variable';
}

const version = 1;
const bare = ({ certain: _, ...found }: Seen): Found => found;
const certainOf =
  (look: (ground: CheckGround) => readonly Seen[]): CheckOf['find'] =>
  (ground) =>
    look(ground)
      .filter(({ certain }) => certain)
      .map(bare);

export const secretChecks: readonly CheckOf[] = [
  { id: 'secret-in-file', version, find: certainOf(inFiles) },
  { id: 'secret-in-environment', version, find: certainOf(inEnvironment) },
  { id: 'secret-in-history', version, find: certainOf(inHistory) },
  {
    id: 'possible-secret',
    version,
    find: (ground) =>
      [inFiles, inEnvironment, inHistory]
        .flatMap((look) => look(ground))
        .filter(({ certain }) => !certain)
        .map(bare),
  },
];
