import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { Ended } from './run.ts';

/** The kubelet's way to a runtime: the image service of the Container Runtime Interface, over gRPC. */
export interface CriImages {
  /** `PullImage`; what the kubelet would put into an event is in `err`. */
  pull(reference: string, login?: string): Promise<Ended>;
  close(): void;
}

/** Made at the first call. */
export function connectCri(socket: string): CriImages {
  let session: ClientHttp2Session | null = null;
  const opened = (): ClientHttp2Session =>
    (session ??= connectHttp2('http://localhost', { createConnection: () => connect(socket) }));
  return {
    pull: (reference, login) =>
      call(opened(), '/runtime.v1.ImageService/PullImage', pullRequest(reference, login)),
    close: () => session?.close(),
  };
}

/** `PullImageRequest` of the Container Runtime Interface, v1: image 1 (image 1), auth 2 (username 1, password 2). */
function pullRequest(reference: string, login?: string): Buffer {
  const image = field(1, field(1, Buffer.from(reference)));
  if (login === undefined) return image;
  const [username = '', password = ''] = login.split(':');
  const auth = [field(1, Buffer.from(username)), field(2, Buffer.from(password))];
  return Buffer.concat([image, field(2, Buffer.concat(auth))]);
}

/** A field of protocol buffers whose value has a length (wire type 2). */
function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** One unary call. Its outcome stands in the trailers, or in the headers where there is nothing else. */
function call(session: ClientHttp2Session, path: string, message: Buffer): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let outcome: IncomingHttpHeaders = {};
    const learn = (headers: IncomingHttpHeaders): void => {
      outcome = { ...outcome, ...headers };
    };
    stream.on('response', learn).on('trailers', learn).on('error', reject).resume();
    stream.once('close', () => {
      const said = decodeURIComponent(String(outcome['grpc-message'] ?? ''));
      resolve({ code: Number(outcome['grpc-status'] ?? -1), out: '', err: said });
    });
    // Length-prefixed message: not compressed, four bytes of length.
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
  });
}
