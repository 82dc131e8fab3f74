/** Characters that are left of a name. */
const longest = 200;

/**
 * The repository under which an image is handed to another scanner: the name that people know it by, as far as the
 * distribution specification allows it.
 */
export function repositoryNameOf(name: string): string {
  const parts = name
    .toLowerCase()
    .slice(0, longest)
    .split('/')
    .map((part) => part.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''))
    .filter((part) => part !== '');
  return parts.length === 0 ? 'image' : parts.join('/');
}
