import type { Package } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';

/** `certain`: false where the names are only those that the package may have. */
export interface MavenNames {
  readonly names: readonly string[];
  readonly certain: boolean;
}

/**
 * The names under which advisories speak of a Java package: `group:artifact`. Of one that tells no group, those of
 * every group that has an advisory for such an artifact: one of them may be meant, and that is not "unaffected".
 */
export function mavenNames(one: Package, index: AdvisoryIndex): MavenNames {
  if (one.name.includes(':')) return { names: [one.name], certain: true };
  const names = new Set(index.packagesEnding('Maven', `:${one.name}`));
  const other = one.source.name;
  const artifact = other.slice(other.lastIndexOf('.') + 1);
  if (other !== one.name && artifact !== '') {
    // The last part of a dotted name alone is often a common word; what stands before it says whose it is.
    const owner = artifact === other ? null : ownerOf(other);
    for (const name of index.packagesEnding('Maven', `:${artifact}`)) {
      if (owner === null || ownerOf(name.slice(0, name.indexOf(':'))) === owner) names.add(name);
    }
  }
  return { names: [...names], certain: false };
}

/** The artifacts by which a package without a group is looked for. */
export function artifactsOf(one: Package): readonly string[] {
  const other = one.source.name;
  return [...new Set([one.name, other.slice(other.lastIndexOf('.') + 1)])].filter((name) => name !== '');
}

/** `org.apache` of `org.apache.tomcat-catalina`: whose it is. */
function ownerOf(dotted: string): string {
  return dotted.split('.', 2).join('.');
}
