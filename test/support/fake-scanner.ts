import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the program is to do; read anew by each run. */
export interface FakeScannerOrders {
  /** Ends with 1 and says this. */
  readonly failure?: string;
  /** Milliseconds that it takes after its pull. */
  readonly takes?: number;
  readonly eosl?: boolean;
  /** ISO 8601. */
  readonly databaseAt: string;
  /** By the text of a layer that the image has to hold, what is wrong with which package. */
  readonly vulnerabilities: readonly Readonly<Record<string, unknown>>[];
  /** Requests beside the pull that it makes with its rights: `METHOD URL`; `{registry}` is the door's host. */
  readonly tries?: readonly string[];
}

/** What a run of it has seen. */
export interface FakeScannerRun {
  readonly args: readonly string[];
  /** Names of its environment. */
  readonly env: readonly string[];
  readonly files: readonly string[];
  /** `200 manifest`, … of its pull. */
  readonly pulled: readonly string[];
  readonly tried: readonly string[];
  readonly image: string;
  readonly username: string;
  readonly password: string;
}

/** A program that stands in for Trivy: it speaks its command line and its report's format, pulls as it does, and obeys. */
export interface FakeScanner {
  readonly command: string;
  order(orders: FakeScannerOrders): void;
  runs(): readonly FakeScannerRun[];
}

export function fakeTrivy(dir: string, name = 'trivy.mjs'): FakeScanner {
  const ordersFile = join(dir, 'orders.json');
  const log = join(dir, 'runs.jsonl');
  const command = join(dir, name);
  // Without it a file without an ending is no module.
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(command, program(ordersFile, log));
  chmodSync(command, 0o755);
  return {
    command,
    order: (orders) => writeFileSync(ordersFile, JSON.stringify(orders)),
    runs: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as FakeScannerRun)
        : [],
  };
}

const program = (ordersFile: string, log: string): string => `#!${process.execPath}
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
const orders = JSON.parse(readFileSync(${JSON.stringify(ordersFile)}, 'utf8'));
const args = process.argv.slice(2);
if (args[0] === 'version') {
  console.log(JSON.stringify({ Version: '0.74.0', VulnerabilityDB: { UpdatedAt: orders.databaseAt } }));
  process.exit(0);
}
const image = args.at(-1);
const [place, digest] = image.split('@');
const host = place.slice(0, place.indexOf('/'));
const repository = place.slice(place.indexOf('/') + 1);
const { TRIVY_USERNAME: username, TRIVY_PASSWORD: password } = process.env;
const authorization = 'Basic ' + Buffer.from(username + ':' + password).toString('base64');
const ask = (method, url) => fetch(url, { method, headers: { authorization } });
const pulled = [];
const get = async (kind, reference) => {
  const answer = await ask('GET', 'http://' + host + '/v2/' + repository + '/' + kind + '/' + reference);
  pulled.push(answer.status + ' ' + kind);
  return Buffer.from(await answer.arrayBuffer());
};
const anonymous = await fetch('http://' + host + '/v2/');
pulled.push(anonymous.status + ' anonymous');
const manifest = JSON.parse((await get('manifests', digest)).toString());
for (const { digest: blob } of [manifest.config, ...manifest.layers]) await get('blobs', blob);
const tried = [];
for (const order of orders.tries ?? []) {
  const [method, url] = order.split(' ');
  const answer = await ask(method, url.replaceAll('{registry}', host).replaceAll('{repository}', repository));
  tried.push(order + ' ' + answer.status);
}
appendFileSync(${JSON.stringify(log)}, JSON.stringify({
  args, env: Object.keys(process.env), files: readdirSync('.'), pulled, tried, image, username, password,
}) + '\\n');
if (orders.takes) await new Promise((resolve) => setTimeout(resolve, orders.takes));
if (orders.failure) {
  console.error(orders.failure);
  process.exit(1);
}
console.log(JSON.stringify({
  SchemaVersion: 2,
  ArtifactName: image,
  Metadata: { OS: { Family: 'debian', Name: '12.5', EOSL: orders.eosl ?? false }, RepoDigests: [image] },
  Results: [{
    Target: image, Class: 'os-pkgs', Type: 'debian', Packages: [],
    Vulnerabilities: orders.vulnerabilities.filter(({ Of }) => Of === undefined || Of === digest),
  }],
}));
`;
