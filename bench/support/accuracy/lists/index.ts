import type { PackageList } from '../listed.ts';
import { dotnet } from './dotnet.ts';
import { gems } from './gems.ts';
import { jars, mavenRepo } from './jars.ts';
import { npm } from './npm.ts';
import { go, rust } from './programs.ts';
import { python } from './python.ts';
import { apk, dpkg, rpm } from './system.ts';

/** Every list that a case can ask for. */
export const lists: readonly PackageList[] = [
  dpkg,
  apk,
  rpm,
  npm,
  python,
  gems,
  jars,
  mavenRepo,
  go,
  rust,
  dotnet,
];
