import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';

export interface PolicyTestOptions {
  readonly file: string;
  /** Recorded images, of which it is told what the file says. */
  readonly images: readonly string[];
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/** `pratique policy test FILE [IMAGE…]`. */
export function testPolicy(options: PolicyTestOptions, console: Console): Promise<number> {
  console.out(options.file);
  return Promise.resolve(exitCodes.ok);
}
