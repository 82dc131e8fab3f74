import type { OperatingSystem } from '../../core/inventory.ts';
import { type Component, Components, type Own } from './components.ts';
import type { Told } from './cyclonedx.ts';
import { type JsonObject, objectsIn, textIn } from './fields.ts';
import { sourceOfSentence, systemOf } from './package.ts';

/** What SPDX writes where nothing is said. */
const nothing: ReadonlySet<string> = new Set(['', 'NOASSERTION', 'NONE']);
const incompleteStart = 'This document is incomplete: ';

/** SPDX 2.2 and 2.3 in their JSON form. */
export function readSpdx(document: JsonObject): Told {
  const components = new Components();
  let os: OperatingSystem | null = null;
  const sources = sourcesIn(document);
  const texts = extractedIn(document);
  const ours = objectsIn([document.creationInfo]).some((info) => isOurs(info));
  const described = describedIn(document);
  for (const one of objectsIn(document.packages)) {
    const component = componentOf(one, ours, texts);
    switch (textIn(one, 'primaryPackagePurpose').replace('_', '-')) {
      case 'OPERATING-SYSTEM':
        os ??= systemOf(component.name, component.version, textIn(one, 'comment'));
        break;
      case 'SOURCE':
        break;
      case 'LIBRARY':
      case 'FRAMEWORK':
        components.add(component, true);
        break;
      case 'APPLICATION':
      case '': {
        const id = textIn(one, 'SPDXID');
        // Without a version it is a file that lists others, or what the document is about.
        if (!sources.has(id)) components.add(component, component.version !== '' && !described.has(id));
        break;
      }
      default:
        components.add(component, false);
    }
  }
  const comment = textIn(document, 'comment');
  if (comment.startsWith(incompleteStart)) components.incomplete.add(comment.slice(incompleteStart.length));
  return { components, os };
}

/** Whether Pratique wrote it, whose comments say more. */
function isOurs(creationInfo: JsonObject): boolean {
  const creators: unknown = creationInfo.creators;
  return (
    Array.isArray(creators) &&
    creators.some((one: unknown) => typeof one === 'string' && /^Tool: pratique-/i.test(one))
  );
}

/** What others were made from is not there itself. */
function sourcesIn(document: JsonObject): ReadonlySet<string> {
  return new Set(relatedIn(document, 'GENERATED_FROM'));
}

/** What the document is about. */
function describedIn(document: JsonObject): ReadonlySet<string> {
  const listed: unknown = document.documentDescribes;
  const texts = Array.isArray(listed) ? listed.filter((one: unknown) => typeof one === 'string') : [];
  return new Set([...texts, ...relatedIn(document, 'DESCRIBES')]);
}

function relatedIn(document: JsonObject, type: string): readonly string[] {
  return objectsIn(document.relationships)
    .filter((one) => textIn(one, 'relationshipType') === type)
    .map((one) => textIn(one, 'relatedSpdxElement'));
}

function extractedIn(document: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    objectsIn(document.hasExtractedLicensingInfos).map((one) => [
      textIn(one, 'licenseId'),
      textIn(one, 'extractedText'),
    ]),
  );
}

function componentOf(object: JsonObject, ours: boolean, texts: ReadonlyMap<string, string>): Component {
  const purls = objectsIn(object.externalRefs).filter((one) => textIn(one, 'referenceType') === 'purl');
  const version = textIn(object, 'versionInfo');
  const declared = textIn(object, 'licenseDeclared');
  const concluded = textIn(object, 'licenseConcluded');
  const license = nothing.has(declared) ? concluded : declared;
  return {
    name: textIn(object, 'name'),
    version: nothing.has(version) ? '' : version,
    purl: purls[0] === undefined ? '' : textIn(purls[0], 'referenceLocator'),
    licenses: nothing.has(license) ? [] : [texts.get(license) ?? license],
    source: sourceOfSentence(textIn(object, 'sourceInfo')),
    own: ours ? ownIn(textIn(object, 'comment')) : null,
  };
}

/** Lines of `key: value`, as Pratique writes them. */
function ownIn(comment: string): Own {
  const lines = comment.split('\n').map((line) => {
    const colon = line.indexOf(': ');
    return colon < 0 ? (['', ''] as const) : ([line.slice(0, colon), line.slice(colon + 2)] as const);
  });
  const values = (wanted: string): readonly string[] =>
    lines.filter(([key]) => key === wanted).map(([, value]) => value);
  return {
    type: values('type')[0] ?? '',
    ownedBy: values('ownedBy')[0] ?? '',
    modularityLabel: values('modularityLabel')[0] ?? '',
    layer: values('layer')[0] ?? '',
    changedIn: values('changedIn')[0] ?? '',
    licenseTexts: [],
    paths: values('path'),
  };
}
