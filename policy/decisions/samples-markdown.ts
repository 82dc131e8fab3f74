import { controls } from '../controls/index.ts';
import { functions, methods, places, types, variables } from '../expressions/vocabulary.ts';
import { readyTexts } from '../ready/index.ts';
import { columns, readyDecisions } from './samples-ready.ts';
import { ruleDecisions } from './samples-rules.ts';
import { scopeDecisions } from './samples-scopes.ts';

/** The parts of docs/policy.md that are made from data, by the name of the marker they stand behind. */
export function madeParts(): ReadonlyMap<string, string> {
  return new Map([
    [
      'ready-decisions',
      table(
        ['found', ...columns],
        readyDecisions.map(([found, , row]) => [found, ...row]),
      ),
    ],
    [
      'rule-decisions',
      table(
        ['rule', 'found', 'verdict', 'what is said'],
        ruleDecisions.map(({ rule, found, status, says }) => [`\`${rule}\``, found, status, says ?? '']),
      ),
    ],
    [
      'scope-decisions',
      table(
        ['scope of the exception', 'who asks', 'the verdict', 'what the gate says'],
        scopeDecisions.map(({ scope, asks, verdict, says }) => [
          scope === '' ? 'none' : `\`${scope}\``,
          asks,
          verdict,
          says,
        ]),
      ),
    ],
    [
      'variables',
      table(
        ['in', 'variables'],
        places.map((place) => [whereOf[place], listed(variables[place])]),
      ),
    ],
    [
      'fields',
      table(
        ['type', 'fields'],
        Object.entries(types).map(([name, fields]) => [name, listed(fields)]),
      ),
    ],
    ['functions', `${words(functions)}, and on values ${words(methods)}`],
    [
      'controls',
      table(
        ['id', 'what it asks for or warns of'],
        [...controls.values()].map(({ id, title }) => [`\`${id}\``, title]),
      ),
    ],
    [
      'ready',
      [...readyTexts].map(([name, text]) => `### \`${name}\`\n\n\`\`\`yaml\n${text}\`\`\``).join('\n\n'),
    ],
  ]);
}

const whereOf = { finding: '`when`', package: '`packages`', image: 'a rule of its own' } as const;

function listed(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, type]) => `\`${name}\` ${type.replace('google.protobuf.Timestamp', 'timestamp')}`)
    .join(', ');
}

function words(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((name, column) =>
    Math.max(name.length, ...escaped.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...escaped.map(line)].join('\n');
}

/** A document with what stands between its markers made anew. @throws Error where a marker is missing */
export function withParts(document: string, parts: ReadonlyMap<string, string>): string {
  let text = document;
  for (const [name, part] of parts) {
    const [start, end] = [`<!-- made: ${name} -->`, `<!-- end: ${name} -->`];
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the markers of ${name} are missing`);
    text = `${text.slice(0, from + start.length)}\n\n${part}\n\n${text.slice(to)}`;
  }
  return text;
}
