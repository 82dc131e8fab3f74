import { layerLimit } from './manifest.ts';

/** Characters of a step that are told. */
const longestStep = 120;
/** Characters of a command that are looked at. */
const longestCommand = 2000;
/** Steps without a layer stand between those with one. */
const mostSteps = 10 * layerLimit;

/**
 * The steps that made the layers of an image, lowest first, as its config's history tells them (OCI image spec, "history").
 * Fewer or more than there are layers where the history does not go with them: then none is told. Never throws.
 * @param withoutSecrets takes out of a command what may be secret
 */
export function layerSteps(
  config: Uint8Array,
  layers: number,
  withoutSecrets: (command: string) => string,
): readonly (string | null)[] {
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
    .map((step) => (typeof step.created_by === 'string' ? shownStep(step.created_by, withoutSecrets) : null));
  return steps.length === layers ? steps : nobody;
}

/** A step in the words of a build file. Build arguments stand before the command and may be secret: they are left out. */
function shownStep(createdBy: string, withoutSecrets: (command: string) => string): string | null {
  // A secret that was cut would not be known for one.
  const whole = createdBy.length <= longestCommand;
  const command = (whole ? createdBy : createdBy.slice(0, longestCommand).replace(/\S*$/, ''))
    .replace(/^(?:RUN )?\|\d+ .*/s, behindArguments)
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/ # buildkit$/, '');
  const text = withoutSecrets(command).replaceAll(/\s+/g, ' ').trim();
  if (text === '') return null;
  return text.length <= longestStep ? text : `${text.slice(0, longestStep - 1)}…`;
}

/** The command behind build arguments; where it begins is known by its shell alone. */
function behindArguments(step: string): string {
  const shell = / \/(?:[\w.-]+\/)*(?:ba|da|a|z|k)?sh (?:-[\w-]+ (?:pipefail )?)*-\w*c /.exec(step);
  return shell === null ? 'RUN …' : `RUN ${step.slice(shell.index + shell[0].length)}`;
}
