import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';

// The least that Node can do: no parsing, no gate, no verification. MANIFEST BLOB READ-SIZE PORT
const [manifestFile = '', blobFile = '', readSize = '', port = ''] = process.argv.slice(2);
const manifest = readFileSync(manifestFile);
const size = statSync(blobFile).size;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

createServer((request, response) => {
  if (request.url?.includes('/manifests/') === true) {
    response.writeHead(200, { 'Content-Type': mediaType, 'Content-Length': manifest.length });
    response.end(manifest);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
  const file = createReadStream(blobFile, { highWaterMark: Number(readSize) });
  file.once('error', () => response.destroy());
  response.once('close', () => file.destroy());
  file.pipe(response);
}).listen(Number(port), '127.0.0.1');
