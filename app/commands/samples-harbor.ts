import type { ConnectionOptions } from '../harbor/connection.ts';

/** Environment with the passwords of fake servers. */
export const harborEnv = {
  HARBOR_PASSWORD: 'Harbor12345',
  WRONG: 'wr0ng-password',
  ADAPTER_TOKEN: 't0ken-of-the-adapter',
};

export function connectionTo(url: string, more: Partial<ConnectionOptions> = {}): ConnectionOptions {
  return { url, username: 'admin', passwordFile: null, passwordEnv: 'HARBOR_PASSWORD', ca: null, ...more };
}
