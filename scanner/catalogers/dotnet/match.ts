import type { Interest } from '../cataloger.ts';

/** Those of the SDK's own tools have some megabytes. */
const read: Interest = { kind: 'content', limit: 32 * 1024 ** 2 };
const framework = /(?:^|\/)shared\/([^/]+)\/([0-9][^/]*)\/([^/]+)\.deps\.json$/;

/** What a .NET program, or a framework that programs share, is made of: it lies beside its assemblies. */
export function matchDotnet(path: string): Interest | null {
  return path.endsWith('.deps.json') ? read : null;
}

/** `shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`; null for any other file. */
export function frameworkAt(path: string): { readonly name: string; readonly version: string } | null {
  const [, name, version, file] = framework.exec(path) ?? [];
  return name === undefined || version === undefined || file !== name ? null : { name, version };
}
