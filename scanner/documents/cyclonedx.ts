import type { OperatingSystem } from '../../core/inventory.ts';
import { objectOf } from '../catalogers/json.ts';
import { type Component, Components, type Own } from './components.ts';
import { type JsonObject, objectsIn, textIn } from './fields.ts';
import { type Source, systemOf } from './package.ts';

/** What a document told; see `SbomReading`. */
export interface Told {
  readonly components: Components;
  readonly os: OperatingSystem | null;
}

/** CycloneDX 1.2 to 1.6 in its JSON form; what holds components holds them at any depth. */
export function readCycloneDx(document: JsonObject): Told {
  const components = new Components();
  let os: OperatingSystem | null = null;
  const metadata = objectOf(document.metadata);
  const root = objectOf(metadata?.component);
  const waiting: JsonObject[] = [...objectsIn(document.components)].reverse();
  if (root !== null) waiting.push(root);
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const inner of [...objectsIn(one.components)].reverse()) waiting.push(inner);
    const component = componentOf(one);
    switch (textIn(one, 'type')) {
      case 'operating-system':
        os ??= systemOf(component.name, component.version, textIn(one, 'description'));
        break;
      case 'library':
      case 'framework':
        components.add(component, one !== root);
        break;
      case 'application':
        // Without a version it is a file that lists others.
        components.add(component, one !== root && component.version !== '');
        break;
      default:
        components.add(component, false);
    }
  }
  for (const sentence of valuesOf(propertiesOf(metadata), 'pratique:incomplete'))
    components.incomplete.add(sentence);
  const gap = objectsIn(document.compositions).some((one) =>
    textIn(one, 'aggregate').startsWith('incomplete'),
  );
  if (gap && components.incomplete.size === 0) components.incomplete.add('it says that it is incomplete');
  return { components, os };
}

type Properties = readonly (readonly [name: string, value: string])[];

function propertiesOf(object: JsonObject | null): Properties {
  return objectsIn(object?.properties).map((one) => [textIn(one, 'name'), textIn(one, 'value')] as const);
}

function valuesOf(properties: Properties, wanted: string): readonly string[] {
  return properties.filter(([name]) => name === wanted).map(([, value]) => value);
}

function componentOf(object: JsonObject): Component {
  const properties = propertiesOf(object);
  const first = (name: string): string => valuesOf(properties, name)[0] ?? '';
  return {
    name: textIn(object, 'name'),
    version: textIn(object, 'version'),
    purl: textIn(object, 'purl'),
    licenses: objectsIn(object.licenses).map(licenseOf),
    source: sourceIn(first),
    own: ownIn(properties, first),
  };
}

function ownIn(properties: Properties, first: (name: string) => string): Own | null {
  if (!properties.some(([name]) => name.startsWith('pratique:'))) return null;
  return {
    type: first('pratique:type'),
    ownedBy: first('pratique:ownedBy'),
    modularityLabel: first('pratique:modularityLabel'),
    layer: first('pratique:layer'),
    changedIn: first('pratique:changedIn'),
    licenseTexts: valuesOf(properties, 'pratique:license'),
    paths: valuesOf(properties, 'pratique:path'),
  };
}

/** As Pratique and Trivy write it; the latter has an rpm's version in parts. */
function sourceIn(first: (name: string) => string): Source | null {
  const own = { name: first('pratique:source:name'), version: first('pratique:source:version') };
  if (own.name !== '' && own.version !== '') return own;
  const name = first('aquasecurity:trivy:SrcName');
  const version = first('aquasecurity:trivy:SrcVersion');
  if (name === '' || version === '') return null;
  const epoch = first('aquasecurity:trivy:SrcEpoch');
  const release = first('aquasecurity:trivy:SrcRelease');
  const before = epoch === '' || epoch === '0' ? '' : `${epoch}:`;
  return { name, version: `${before}${version}${release === '' ? '' : `-${release}`}` };
}

function licenseOf(object: JsonObject): string {
  const license = objectOf(object.license);
  const named = license === null ? '' : textIn(license, 'id') || textIn(license, 'name');
  return textIn(object, 'expression') || named;
}
