import type { Interest } from '../cataloger.ts';

const largest = 64 * 1024;

/** In the order in which they count (os-release(5)). */
export const files = ['etc/os-release', 'usr/lib/os-release'] as const;

export function matchOsRelease(path: string): Interest | null {
  return path === files[0] || path === files[1] ? { kind: 'content', limit: largest } : null;
}
