import { Environment } from '@marcbachmann/cel-js';
import { oneLine } from '../text.ts';
import { comparisonFault, fieldsOf } from './comparisons.ts';
import { fieldOf } from './domains.ts';
import { Meter } from './meter.ts';
import { meterNodes } from './metered.ts';
import { type Fault, faultOf } from './rules.ts';
import { CoverageView, FindingView, ImageView, OsView, PackageView } from './views.ts';
import { type Place, types, variables } from './vocabulary.ts';

/** UTF-16 units; also what keeps its syntax tree and its numbers small. */
export const longestExpression = 4000;
const limits = {
  maxAstNodes: 2000,
  maxDepth: 40,
  maxListElements: 500,
  maxMapEntries: 100,
  maxCallArguments: 8,
};
/** How many compiled expressions are kept; the oldest goes first. */
const mostKept = 1000;

export type Answer =
  | { readonly kind: 'yes' | 'no' }
  /** `why`: the end of a sentence. */
  | { readonly kind: 'undecided'; readonly why: string };

/** A checked expression. It always ends: after a bounded number of steps it is undecided. */
export type Program = (values: Readonly<Record<string, unknown>>, meter: Meter) => Answer;

export type Compiled = { readonly program: Program; readonly readsTime: boolean } | { readonly fault: Fault };

const constructors = {
  Finding: FindingView,
  Package: PackageView,
  Image: ImageView,
  Os: OsView,
  Coverage: CoverageView,
};
const environments = new Map<Place, Environment>();
const kept = new Map<string, Compiled>();

/** Reads and checks an expression; what was compiled before is remembered. */
export function compile(place: Place, text: string): Compiled {
  const key = `${place}\n${text}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const compiled = compileAnew(place, text);
  kept.set(key, compiled);
  const oldest = kept.keys().next().value;
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return compiled;
}

function environmentOf(place: Place): Environment {
  const known = environments.get(place);
  if (known !== undefined) return known;
  const environment = new Environment({ limits });
  for (const [name, ctor] of Object.entries(constructors)) {
    environment.registerType(name, { ctor, fields: { ...types[name as keyof typeof types] } });
  }
  for (const [name, type] of Object.entries(variables[place])) environment.registerVariable(name, type);
  environments.set(place, environment);
  return environment;
}

function compileAnew(place: Place, text: string): Compiled {
  if (text.length > longestExpression) {
    return { fault: { offset: 0, found: `${text.length} characters`, allowed: `${longestExpression}` } };
  }
  try {
    const run = environmentOf(place).parse(text);
    const refused = faultOf(run.ast);
    if (refused !== null) return { fault: refused };
    const checked = run.check();
    if (!checked.valid) return { fault: faultOfError(checked.error, place) };
    if (checked.type !== 'bool') {
      const found = `an expression of type ${checked.type ?? 'unknown'}`;
      return { fault: { offset: 0, found, allowed: 'one that is true or false' } };
    }
    const untrue = comparisonFault(run.ast);
    if (untrue !== null) return { fault: untrue };
    let current = new Meter();
    meterNodes(run.ast, () => current);
    const program: Program = (values, meter) => {
      current = meter;
      meter.start();
      return answerOf(() => run(values), meter);
    };
    return { program, readsTime: /\bnow\b/.test(text) };
  } catch (error) {
    return { fault: faultOfError(error, place) };
  }
}

function answerOf(run: () => unknown, meter: Meter): Answer {
  try {
    const value = run();
    if (!meter.exceeded && typeof value === 'boolean') return { kind: value ? 'yes' : 'no' };
    return {
      kind: 'undecided',
      why: meter.exceeded ? meter.reason : 'its expression is neither true nor false',
    };
  } catch (error) {
    if (meter.exceeded) return { kind: 'undecided', why: meter.reason };
    return { kind: 'undecided', why: `its expression fails: ${oneLine(summaryOf(error), 200)}` };
  }
}

function faultOfError(error: unknown, place: Place): Fault {
  const found = oneLine(summaryOf(error), 200);
  const range: unknown = error instanceof Error ? Reflect.get(error, 'range') : null;
  const start: unknown = typeof range === 'object' && range !== null ? Reflect.get(range, 'start') : 0;
  const offset = typeof start === 'number' ? start : 0;
  if (found.startsWith('Unknown variable')) {
    return {
      offset,
      found: found.replace('Unknown', 'the unknown'),
      allowed: Object.keys(variables[place]).join(', '),
    };
  }
  if (found.startsWith('No such key')) {
    const type = fieldOf(error instanceof Error ? Reflect.get(error, 'node') : null)?.type ?? '';
    const fields = fieldsOf(type) ?? [...new Set(Object.values(types).flatMap((one) => Object.keys(one)))];
    return { offset, found: found.replace('No such key', 'the unknown field'), allowed: fields.join(', ') };
  }
  return { offset, found, allowed: 'a CEL expression that is true or false' };
}

function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const summary: unknown = Reflect.get(error, 'summary');
  return typeof summary === 'string' ? summary : error.message;
}
