import { baseOf } from '../../archive/tar-path.ts';
import { type FileFacts, noFacts } from '../cataloger.ts';
import { stanzasOf } from '../control-file.ts';

const wanted: ReadonlySet<string> = new Set(['source', 'sourcename', 'license']);
/** Characters. */
const longest = 500;

/** `info/NAME.control`: what a package said of itself. */
export function parseControl(path: string, content: Buffer): FileFacts {
  const [fields] = stanzasOf(path, content, wanted, []);
  if (fields === undefined) return noFacts;
  const field = (key: string): string => fields.get(key)?.slice(0, longest) ?? '';
  const source = field('sourcename') || sourceOf(field('source'));
  const license = field('license');
  const licenses = license === '' ? [] : [license];
  return { ...noFacts, notes: source === '' ? { licenses } : { licenses, source } };
}

/** OpenWrt names the folder in its tree (`feeds/packages/net/curl`), Yocto the recipe (`busybox_1.36.1.bb`). */
function sourceOf(field: string): string {
  const base = baseOf(field);
  if (!base.endsWith('.bb')) return base;
  const end = base.lastIndexOf('_');
  return base.slice(0, end < 0 ? -'.bb'.length : end);
}
