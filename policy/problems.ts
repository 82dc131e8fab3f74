import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Pair } from 'yaml';
import type { z } from 'zod';
import type { Problem } from './problem.ts';
import { suggestion } from './suggest.ts';
import { oneLine } from './text.ts';

export type { Problem } from './problem.ts';

type Path = readonly (string | number)[];
/** A message that lists more helps nobody. */
const mostProblems = 100;

/** zod's issues as problems; one for each unknown key. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
  return issues.flatMap((issue): readonly Problem[] => {
    const inner = issue.code === 'invalid_union' ? meantBranch(issue.errors) : null;
    if (inner !== null) {
      return problemsOf(inner.map((one) => ({ ...one, path: [...issue.path, ...one.path] })));
    }
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code !== 'unrecognized_keys') {
      return [{ path, found: null, allowed: issue.message, atKey: false }];
    }
    return issue.keys.map((key) => ({
      path: [...path, key],
      found: `the unknown key "${oneLine(key, 60)}"`,
      allowed: issue.message,
      atKey: true,
    }));
  });
}

/** What is wrong inside of the one alternative that has the right shape; null: none has it, or several do. */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[]) {
  const [first, ...others] = branches.filter((issues) =>
    issues.every(({ code, path }) => code === 'unrecognized_keys' || path.length > 0),
  );
  return first !== undefined && others.length === 0 ? first : null;
}

/** Tells where in a document a problem is, and writes it as one line of the message. */
export class ProblemWriter {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #source: string;

  /** @param source the file as it is written */
  constructor(file: string, document: Document, lines: LineCounter, source: string) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
    this.#source = source;
  }

  /** All problems in the order of the file, each as `file:line:column path: found X, allowed Y`. */
  write(problems: readonly Problem[]): readonly string[] {
    const placed = problems.map((problem) => {
      const { offset, value } = this.#locate(problem.path, problem.atKey);
      return { problem, value, offset: offset + this.#within(value, problem.inside ?? 0) };
    });
    placed.sort((a, b) => a.offset - b.offset);
    const lines = placed.slice(0, mostProblems).map(({ problem, offset, value }) => {
      const found = problem.found ?? describe(value);
      return this.at(
        offset,
        `${formatPath(problem.path)}: found ${found}, allowed ${problem.allowed}${hint(problem, value)}`,
      );
    });
    const more = placed.length - lines.length;
    return more > 0 ? [...lines, `${this.#file}: and ${more} more problems`] : lines;
  }

  at(offset: number, text: string): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col} ${text}`;
  }

  /** The value at a path; where it is missing, the place of the nearest parent that is there. */
  #locate(path: Path, atKey: boolean): { offset: number; value: unknown } {
    let node: unknown = this.#resolve(this.#document.contents);
    let offset = rangeStart(node) ?? 0;
    for (const [depth, part] of path.entries()) {
      const pair = isMap(node) ? findPair(node.items, part) : null;
      const child = pair !== null ? pair.value : isSeq(node) ? node.items[Number(part)] : undefined;
      if (pair === null && child === undefined) return { offset, value: undefined };
      const wantsKey = atKey && depth === path.length - 1;
      offset = rangeStart(wantsKey ? pair?.key : child) ?? rangeStart(pair?.key) ?? offset;
      node = this.#resolve(child);
    }
    return { offset, value: node ?? null };
  }

  /** How far into what is written a place of a text is; quotes, and the indent of a block, are no part of the text. */
  #within(node: unknown, inside: number): number {
    if (inside === 0 || !isScalar(node) || typeof node.value !== 'string' || node.range == null) return 0;
    const [start, end] = node.range;
    const written = this.#source.slice(start, end);
    const before = node.value.slice(0, inside);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const found = written.indexOf(node.value);
    if (found >= 0) return found + inside;
    let at = 0;
    for (const earlier of before.split('\n').slice(0, -1)) {
      at = Math.max(at, written.indexOf(earlier.trim(), at) + earlier.trim().length);
    }
    const rest = node.value.slice(inside - line.length).split('\n')[0] ?? '';
    const lineAt = written.indexOf(rest, at);
    return lineAt < 0 ? 0 : lineAt + line.length;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

function findPair(pairs: readonly Pair[], key: string | number): Pair | null {
  const wanted = String(key);
  return pairs.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === wanted) ?? null;
}

function rangeStart(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function formatPath(path: Path): string {
  if (path.length === 0) return 'the file';
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${oneLine(part, 60)}`));
  return parts.join('').replace(/^\./, '');
}

function describe(node: unknown): string {
  if (node === undefined) return 'nothing';
  if (isMap(node)) return node.items.length === 0 ? 'an empty map' : 'a map';
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : `a list of ${node.items.length}`;
  const value: unknown = isScalar(node) ? node.value : node;
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `"${oneLine(value, 80)}"`;
  return oneLine(String(value), 80);
}

function hint(problem: Problem, node: unknown): string {
  const last = problem.path.at(-1);
  const told = problem.found?.match(/: ([A-Za-z_][\w]*)$|"([^"]+)"$/);
  const inText = told?.[1] ?? told?.[2] ?? null;
  const here = problem.atKey ? last : isScalar(node) ? node.value : null;
  const word = problem.inside === undefined ? here : inText;
  if (typeof word !== 'string') return '';
  const meant = suggestion(word, problem.allowed.split(/,? or |, /));
  return meant === null ? '' : ` (did you mean "${meant}"?)`;
}
