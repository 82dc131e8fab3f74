/** What a variable is called that holds a secret; `_FILE` and the like name a place of one. */
const telling =
  /(?:^|[_-])(?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|secret_?key|private_?key|credentials?)$/i;
const name = /[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
/** Flags, places, references to another variable, and what stands for a value. */
const noValue = /^(?:true|false|none|null|enabled?|disabled?|[0-9]{1,5}|[$/<{].*|.{0,5}|[a-z]+:\/\/[^@]*)$/i;
const value = /^(?:"([^"\n]{1,400})|'([^'\n]{1,400})|([^\s"'&|;]{1,400}))/;
const mostAssignments = 5000;

/** Whether a value stands in a variable that has the name of a secret. */
export function mayBeSecret(variable: string, held: string): boolean {
  return telling.test(variable) && !noValue.test(held);
}

/** Names that are given such values in a command: `TOKEN=abc`, `--password=abc`. */
export function secretAssignments(command: string): readonly string[] {
  const names = new Set<string>();
  let looked = 0;
  for (
    let at = command.indexOf('=');
    at >= 0 && looked < mostAssignments;
    at = command.indexOf('=', at + 1)
  ) {
    looked += 1;
    const variable = name.exec(command.slice(Math.max(0, at - 128), at))?.[0];
    if (variable === undefined || !telling.test(variable)) continue;
    const found = value.exec(command.slice(at + 1, at + 500));
    if (found !== null && mayBeSecret(variable, found[1] ?? found[2] ?? found[3] ?? '')) names.add(variable);
  }
  return [...names];
}
