import { type FileFacts, noFacts } from '../cataloger.ts';

export function parseWindows(): FileFacts {
  return { ...noFacts, os: { id: 'windows', versionId: '', name: 'Windows' } };
}
