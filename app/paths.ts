import { join } from 'node:path';

/** Where things lie below the data folder. */
export interface DataPaths {
  readonly root: string;
  readonly state: string;
  readonly advisories: string;
  readonly store: string;
  /** Blobs on their way in; on the store's file system. */
  readonly uploads: string;
  /** What `pratique scan` has found in layers. */
  readonly scannedLayers: string;
  readonly certificates: string;
  /** Authority and certificate of the port for other gates. */
  readonly gatesCertificates: string;
  /** What a webhook on its own feet knows. */
  readonly replica: string;
  /** Keys that bearer tokens of the registry port are signed with. */
  readonly tokenKeys: string;
  readonly lock: string;
}

export function dataPaths(root: string): DataPaths {
  return {
    root,
    state: join(root, 'state.db'),
    advisories: join(root, 'advisories.db'),
    store: join(root, 'store'),
    uploads: join(root, 'store', 'uploads'),
    scannedLayers: join(root, 'scanned-layers'),
    certificates: join(root, 'webhook'),
    gatesCertificates: join(root, 'gates'),
    replica: join(root, 'replica.db'),
    tokenKeys: join(root, 'token-keys.json'),
    lock: join(root, 'serve.lock'),
  };
}
