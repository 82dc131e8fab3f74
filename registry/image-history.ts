import { layerLimit } from './manifest.ts';

/** Characters of a step that are told. */
const longestStep = 120;
/** Steps without a layer stand between those with one. */
const mostSteps = 10 * layerLimit;

/**
 * The steps that made the layers of an image, lowest first, as its config's history tells them (OCI image spec, "history").
 * Fewer or more than there are layers where the history does not go with them: then none is told. Never throws.
 */
export function layerSteps(config: Uint8Array, layers: number): readonly (string | null)[] {
  const nobody = Array.from({ length: layers }, () => null);
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(config).toString('utf8'));
  } catch {
    return nobody;
  }
  const history: unknown =
    typeof content === 'object' && content !== null && 'history' in content ? content.history : null;
  if (!Array.isArray(history) || history.length > mostSteps) return nobody;
  const steps = (history as readonly unknown[])
    .map((step) => Object(step) as { readonly empty_layer?: unknown; readonly created_by?: unknown })
    .filter((step) => step.empty_layer !== true)
    .map((step) => (typeof step.created_by === 'string' ? shownStep(step.created_by) : null));
  return steps.length === layers ? steps : nobody;
}

/**
 * A step in the words of a build file. Build arguments stand before the command and may be secret, and so may anything that is
 * given to a name or an option: they are left out.
 */
function shownStep(createdBy: string): string | null {
  const text = createdBy
    .slice(0, 2000)
    .replace(/^\|\d+ .*?(?=\/bin\/sh -c )/s, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/ # buildkit$/, '')
    .replaceAll(/(=)(?:"[^"]*"|'[^']*'|\S+)/g, '$1…')
    .replaceAll(/(\/\/)[^\s/@]*@/g, '$1…@')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (text === '') return null;
  return text.length <= longestStep ? text : `${text.slice(0, longestStep - 1)}…`;
}
