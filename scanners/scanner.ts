import type { ProxySettings } from '../core/http-proxy.ts';

/** What every scanner keeps to. */
export interface ScannerBounds {
  /** Milliseconds that one scan may take. */
  readonly timeout: number;
  /** Where programs have a folder of their own while they run. */
  readonly folder: string;
  /** That of this process, of which programs get what they need. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly proxies: ProxySettings;
}
