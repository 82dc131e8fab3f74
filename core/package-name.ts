/**
 * The name by which NuGet and Packagist know a package: their names mean the same in any case
 * (learn.microsoft.com/nuget/reference/nuspec, "id"; getcomposer.org/doc/04-schema.md, "name").
 */
export function caselessName(name: string): string {
  return name.toLowerCase();
}
