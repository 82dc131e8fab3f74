import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

// The least that Node can do with a review: it reads and parses the body, and answers a constant. FOLDER PORT, with the
// certificate of a webhook in FOLDER.
const [folder = '', port = ''] = process.argv.slice(2);
const answer = Buffer.from(
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '705ab4f5-6393-11e8-b7cc-000000000000', allowed: true },
  }),
);

createServer(
  {
    key: readFileSync(`${folder}/tls.key`),
    cert: readFileSync(`${folder}/tls.crt`),
    ALPNProtocols: ['http/1.1'],
    keepAliveTimeout: 120_000,
  },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks[0] === undefined || chunks.length > 1 ? Buffer.concat(chunks) : chunks[0];
      JSON.parse(body.length === 0 ? 'null' : body.toString('utf8'));
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
      response.end(answer);
    });
  },
).listen(Number(port), '127.0.0.1');
