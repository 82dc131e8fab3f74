/** A Python project's name as package indexes compare it (PEP 503, "Normalized Names"). */
export function normalisedPythonName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
