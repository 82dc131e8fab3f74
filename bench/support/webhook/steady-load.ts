import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';

// Sends reviews at a steady pace, whatever is answered, and prints latencies as JSON: from when a review should have been
// sent to when its answer was there. FILE CA PORT PER-SECOND SECONDS; FILE holds bodies, one a line. Ends with 1 where a
// review is not allowed.
const [file = '', ca = '', port = '', pace = '', seconds = ''] = process.argv.slice(2);
const bodies = readFileSync(file, 'utf8').trim().split('\n');
const requests = bodies.map((body) =>
  Buffer.from(
    `POST /validate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
);
const authority = readFileSync(ca);
const between = 1000 / Number(pace);
const total = Math.round(Number(pace) * Number(seconds));
/** More than the API server keeps idle, so that a slow answer does not hold the next review back. */
const connections = 64;

const latencies: number[] = [];
const sockets: TLSSocket[] = [];
let done = false;
const idle: TLSSocket[] = [];
const waiting: { readonly request: Buffer; readonly due: number }[] = [];
const under = new Map<TLSSocket, number>();

function answered(socket: TLSSocket, text: string): void {
  const due = under.get(socket);
  if (due === undefined || !text.includes('"allowed":true')) fail(`answered ${text}`);
  latencies.push(performance.now() - due);
  under.delete(socket);
  if (latencies.length === total) {
    finish();
    return;
  }
  const next = waiting.shift();
  if (next === undefined) idle.push(socket);
  else send(socket, next.request, next.due);
}

function send(socket: TLSSocket, request: Buffer, due: number): void {
  under.set(socket, due);
  socket.write(request);
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: authority, servername: 'localhost' });
    sockets.push(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: ([0-9]+)/i.exec(text)?.[1]);
      if (head < 0 || text.length < head + 4 + length) return;
      const whole = text;
      text = '';
      answered(socket, whole);
    });
    socket.once('error', (error: Error) => fail(error.message));
    socket.once('close', () => {
      if (!done) fail('a connection was closed');
    });
    socket.once('secureConnect', () => {
      socket.setNoDelay(true);
      idle.push(socket);
      resolve();
    });
  });
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

function finish(): void {
  done = true;
  for (const socket of sockets) socket.destroy();
  process.stdout.write(JSON.stringify(latencies.map((one) => Number(one.toFixed(3)))));
}

for (let count = 0; count < connections; count += 1) await open();
const begin = performance.now() + 100;
let sent = 0;
const tick = (): void => {
  const now = performance.now();
  for (; sent < total && begin + sent * between <= now; sent += 1) {
    const request = requests[sent % requests.length];
    const due = begin + sent * between;
    const socket = idle.shift();
    if (request === undefined) fail('no bodies');
    if (socket === undefined) waiting.push({ request, due });
    else send(socket, request, due);
  }
  if (sent < total) setTimeout(tick, 1);
};
tick();
