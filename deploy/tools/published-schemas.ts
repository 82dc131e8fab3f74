import { join, resolve } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './chart.ts';

/** Packages with the published schemas of an API group, as types. */
const packages: ReadonlyMap<string, string> = new Map([
  ['cert-manager.io', '@kubernetes-models/cert-manager'],
  ['monitoring.coreos.com', '@kubernetes-models/prometheus-operator'],
]);

/**
 * Holds objects against the published schemas of their kinds: what is missing, what is of another type, and every
 * field that the schema does not know.
 * @param manifests by the file that they are of
 * @returns what does not fit, each with its file, kind and name
 */
export function schemaProblems(manifests: ReadonlyMap<string, readonly Manifest[]>): readonly string[] {
  const declared = [...manifests].flatMap(([file, objects]) => objects.map((object) => ({ file, object })));
  const imports = new Set(declared.map(({ object }) => importOf(object)));
  const lines = declared.map(
    ({ object }, index) => `export const object${index}: ${typeName(object)} = ${JSON.stringify(object)};`,
  );
  const text = [...imports, ...lines].join('\n');
  const file = resolve('deploy/helm/objects.ts');
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(file, text, ts.ScriptTarget.ESNext) : read(name, ...rest);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || exists(name);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return ts.getPreEmitDiagnostics(program, source).map(({ start = 0, messageText }) => {
    const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
    const found = declared[line - imports.size];
    const what = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${found?.file ?? ''} ${found?.object.kind ?? ''} ${found?.object.metadata.name ?? ''}: ${what}`;
  });
}

function typeName({ apiVersion, kind }: Manifest): string {
  return `${kind}_${apiVersion.replace(/[^a-z0-9]/g, '_')}`;
}

function importOf(manifest: Manifest): string {
  const { apiVersion, kind } = manifest;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const from = join(packages.get(group) ?? 'kubernetes-models', apiVersion, kind);
  return `import type { I${kind} as ${typeName(manifest)} } from '${from}';`;
}
