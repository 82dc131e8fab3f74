import type { Interest } from '../cataloger.ts';
import { readers } from './readers.ts';

const read: Interest = { kind: 'optional', limit: 64 * 1024 };

export function matchOlderRelease(path: string): Interest | null {
  return readers.has(path) ? read : null;
}
