import { LineCounter, parseDocument } from 'yaml';
import { PratiqueError } from '../core/errors.ts';
import { ProblemWriter } from './problems.ts';
import { oneLine } from './text.ts';

/** UTF-16 units; a policy is written by people. */
const longestFile = 1024 * 1024;
/** How many nodes aliases may stand for, so that a few lines cannot unfold into gigabytes. */
const mostAliases = 1000;

/** A file that is YAML: what stands in it, and what tells where. */
export interface YamlFile {
  readonly value: unknown;
  readonly writer: ProblemWriter;
  /** Refuses the file for problems that `writer` has written. */
  readonly refuse: (problems: readonly string[]) => never;
}

/**
 * Reads YAML 1.2.
 * @param fileName how messages name the file
 * @throws PratiqueError `policy-invalid`, one line for each problem
 */
export function readYaml(text: string, fileName: string): YamlFile {
  const refuse = (problems: readonly string[]): never => {
    throw new PratiqueError('policy-invalid', problems.join('\n'), {
      file: fileName,
      problems: problems.length,
    });
  };
  if (text.length > longestFile)
    return refuse([`${fileName}: found ${text.length} characters, allowed 1 MiB`]);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const writer = new ProblemWriter(fileName, document, lines, text);
    // A warning is a tag that nobody knows: its value would be taken for a plain text.
    const syntax = [...document.errors, ...document.warnings]
      .slice(0, 20)
      .map((error) => writer.at(error.pos[0], `is not YAML as it has to be: ${oneLine(error.message, 300)}`));
    if (syntax.length > 0) return refuse(syntax);
    return { value: document.toJS({ maxAliasCount: mostAliases }) as unknown, writer, refuse };
  } catch (error) {
    // yaml throws only for aliases that unfold without end, and for nesting deeper than the stack.
    if (error instanceof ReferenceError)
      return refuse([`${fileName}: found aliases that unfold too far, or to nothing`]);
    if (error instanceof RangeError) return refuse([`${fileName}: found nesting that is too deep`]);
    throw error;
  }
}
