import { PackageURL } from 'packageurl-js';
import type { FoundPackage } from '../cataloger.ts';

/** `pkg:golang/golang.org/x/net@v0.1.0`; all of a module's path but its last name is the namespace. */
export function golangPurl({ name, version }: FoundPackage): string {
  const slash = name.lastIndexOf('/');
  const namespace = slash < 0 ? null : name.slice(0, slash);
  // The library throws at versions that begin with a `v` and are none, which a program can hold all the same.
  const purl = new PackageURL('golang', namespace, name.slice(slash + 1), null, null, null).toString();
  return `${purl}@${encodeURIComponent(version)}`;
}
