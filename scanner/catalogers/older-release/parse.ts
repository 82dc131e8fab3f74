import { type FileFacts, noFacts } from '../cataloger.ts';
import { readers } from './readers.ts';

export function parseOlderRelease(path: string, content: Buffer): FileFacts {
  const os = readers.get(path)?.(content.toString('utf8')) ?? null;
  return os === null ? noFacts : { ...noFacts, os };
}
