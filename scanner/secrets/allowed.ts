/**
 * Folders of what packages bring: their documentation and tests hold keys that everybody has. A project's own tests are
 * looked at, because what it calls a test key need not be one.
 */
const packaged =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|gems|go\/pkg\/mod|usr\/local\/go|usr\/lib\/go[^/]*|usr\/share)\//;
const testing =
  /(?:^|\/)(?:__tests__|tests?|testing|specs?|fixtures?|examples?|docs?|samples?|demos?)\/|_test\.go$/i;
const documentation = /(?:^|\/)usr\/share\/(?:doc|doc-base|man|info|gtk-doc|javadoc|help)\//;
const testdata = /(?:^|\/)testdata\//;
const readme = /(?:^|\/)(?:readme|changelog|changes|history|news)[^/]*$/i;

/** Whether a secret at this path is one that is meant to be seen. Asked only where something was found. */
export function isAllowedPath(path: string): boolean {
  if (documentation.test(path) || testdata.test(path)) return true;
  return packaged.test(path) && (testing.test(path) || readme.test(path));
}
