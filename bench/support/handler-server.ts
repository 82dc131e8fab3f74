import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import express from 'express';
import { parseDigest } from '../../core/digest.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { ProxyContext } from '../../proxy/context.ts';
import { serveRegistry } from '../../proxy/registry.ts';
import { createAddressing } from '../../registry/addressing.ts';
import { BlobLeases } from '../../registry/blob-leases.ts';
import { openBlobStore } from '../../registry/blob-store.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { noPushes } from '../../test/support/no-pushes.ts';

// The registry's own handler behind a gate that has made up its mind. before|inside MANIFEST DIGEST STORE PORT
const [mode = '', manifestFile = '', digestText = '', folder = '', port = ''] = process.argv.slice(2);
const digest = parseDigest(digestText);
if (digest === null) throw new Error(`"${digestText}" is not a digest`);
const bytes = readFileSync(manifestFile);
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const manifest = { digest, mediaType, bytes, manifest: parseManifest(bytes, mediaType) };
const allowed: Clearance = {
  digest,
  status: 'pass',
  allowed: true,
  ruled: null,
  reasons: [],
  platforms: [],
  transient: false,
};

const context: ProxyContext = {
  ...noPushes,
  gate: {
    resolve: () => Promise.resolve(manifest),
    tag: () => Promise.resolve({ manifest, staleAge: null }),
    heldTag: () => manifest,
    held: () => manifest,
    clearance: () => allowed,
    settled: () => Promise.resolve(allowed),
    blob: () =>
      Promise.resolve({
        ...allowed,
        size: 0,
        failures: [],
        fetch: () => Promise.resolve(),
        open: () => Promise.resolve(null),
      }),
  },
  addressing: createAddressing({ upstreams: [{ name: 'corp', namespace: 'corp.test' }], publicNames: [] }),
  store: openBlobStore(folder),
  inUse: new BlobLeases(),
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  holds: { ordinary: 1000, docker: 1000 },
  reportUrl: () => null,
  onAnswer: silent,
  onHold: () => silent,
  onDecision: silent,
  passThrough: (_request, response) => {
    response.writeHead(404).end();
    return Promise.resolve();
  },
};

const handle = (request: IncomingMessage, response: ServerResponse): void => {
  serveRegistry(context, request, response).catch(() => response.destroy());
};

createServer(listener()).listen(Number(port), '127.0.0.1');

function listener(): (request: IncomingMessage, response: ServerResponse) => void {
  if (mode === 'before') return handle;
  const app = express();
  app.disable('x-powered-by');
  app.all('/v2/{*path}', handle);
  return app;
}

function silent(): void {
  // Nothing is counted or logged here.
}
