import { licenseNames } from '../license-names.ts';
import type { Descriptor } from './coordinates.ts';
import { type Pom, pomOf } from './pom.ts';
import { propertiesOf } from './text.ts';

/** Where in an archive Maven puts what it knows of a package. */
export interface DescriptorPlace {
  readonly group: string;
  readonly artifact: string;
}

const coordinate = /^[A-Za-z0-9._-]+$/;

/** What the file says; its place where it says nothing that Maven would take; null where neither does. */
export function descriptorOf(place: DescriptorPlace, content: Buffer): Descriptor | null {
  const properties = propertiesOf(content);
  const version = properties.get('version') ?? '';
  return descriptor(place, {
    group: properties.get('groupId') ?? '',
    artifact: properties.get('artifactId') ?? '',
    version: /^$|[\s${}\p{Surrogate}]/u.test(version) ? null : version,
    licenses: [],
  });
}

function descriptor(place: DescriptorPlace, { group, artifact, version, licenses }: Pom): Descriptor | null {
  const named = {
    group: group !== null && coordinate.test(group) ? group : place.group,
    artifact: artifact !== null && coordinate.test(artifact) ? artifact : place.artifact,
  };
  if (!coordinate.test(named.group) || !coordinate.test(named.artifact)) return null;
  return { ...named, version, licenses: licenseNames(licenses) };
}

/** All of Maven's descriptors in one archive: `pom.properties`, which was filled in, and `pom.xml`, which has the licenses. */
export class Descriptors {
  readonly #byPlace = new Map<string, Descriptor>();
  readonly #poms = new Map<string, Descriptor>();

  add(place: DescriptorPlace, one: Descriptor): void {
    this.#byPlace.set(keyOf(place), one);
  }

  addPom(place: DescriptorPlace, content: Buffer): void {
    const one = descriptor(place, pomOf(content));
    if (one !== null) this.#poms.set(keyOf(place), one);
  }

  /** Each package once. */
  all(): readonly Descriptor[] {
    const found = new Map<string, Descriptor>();
    const tell = (one: Descriptor): void => {
      found.set([one.group, one.artifact, one.version ?? ''].join('\n'), one);
    };
    for (const [place, one] of this.#byPlace) {
      tell({ ...one, licenses: this.#poms.get(place)?.licenses ?? one.licenses });
    }
    for (const [place, pom] of this.#poms) if (!this.#byPlace.has(place)) tell(pom);
    return [...found.values()];
  }
}

function keyOf({ group, artifact }: DescriptorPlace): string {
  return `${group}/${artifact}`;
}
