import type { IncomingMessage, ServerResponse } from 'node:http';
import { PratiqueError } from '../../core/errors.ts';
import { ociError } from '../../registry/oci-error.ts';
import { sendError } from '../respond.ts';

/** In which time a body has to come. Only time in which nobody but the client is waited for counts. Milliseconds. */
export interface BodyPace {
  /** Without a byte. */
  readonly idle: number;
  /** For the whole body, and a second more for each `bytesPerSecond` that have come. */
  readonly patience: number;
  /** null: what comes gives no further time. */
  readonly bytesPerSecond: number | null;
  /** Between two looks. */
  readonly interval: number;
}

const common = { idle: 60_000, patience: 60_000, interval: 1000 };
/** Of layers: slow lines may take hours, one who drips may not. */
export const uploadPace: BodyPace = { ...common, bytesPerSecond: 1024 };
/** Of what is small, such as manifests and forms. */
export const smallBodyPace: BodyPace = { ...common, bytesPerSecond: null };

/**
 * Ends a request whose body comes too slowly: 408 where no answer has begun, then the connection. Whoever reads the body
 * gets `upload-invalid`, with which an upload keeps what has come.
 */
export function holdToPace(request: IncomingMessage, response: ServerResponse, pace: BodyPace): void {
  const { socket } = request;
  // Listening for the data itself would make it flow before anybody reads it.
  const before = socket.bytesRead;
  let [waited, silent, seen, looked] = [0, 0, before, performance.now()];
  const looking = setInterval(() => {
    if (request.complete || request.destroyed) {
      clearInterval(looking);
      return;
    }
    const now = performance.now();
    // A process that was held up itself has not looked whether something came.
    const passed = Math.min(now - looked, 2 * pace.interval);
    looked = now;
    const arrived = socket.bytesRead;
    silent = arrived === seen ? silent : 0;
    seen = arrived;
    // What lies here waits for the disk, the upstream or its turn.
    if (request.readableLength > 0) return;
    waited += passed;
    silent += passed;
    const more = pace.bytesPerSecond === null ? 0 : ((seen - before) / pace.bytesPerSecond) * 1000;
    if (silent <= pace.idle && waited <= pace.patience + more) return;
    clearInterval(looking);
    end(request, response, seen - before, waited);
  }, pace.interval);
  request.once('close', () => clearInterval(looking));
  response.once('finish', () => clearInterval(looking));
}

function end(request: IncomingMessage, response: ServerResponse, bytes: number, waited: number): void {
  const message = `the request's body comes too slowly: ${bytes} bytes in ${Math.round(waited / 1000)} s`;
  const cut = (): void => {
    request.destroy(new PratiqueError('upload-invalid', message, { bytes }));
  };
  if (response.headersSent) {
    cut();
    return;
  }
  response.setHeader('Connection', 'close');
  response.once('finish', cut);
  sendError(response, request.method ?? '', { ...ociError('SIZE_INVALID', message), status: 408 });
}
