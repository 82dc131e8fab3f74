import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeTools } from './kube-tools.ts';
import { plainFolder, plainManifests } from './plain-manifests.ts';

/** `npm run deploy:manifests`: writes the plain manifests anew. */
const { helm } = await kubeTools();
for (const [name, text] of await plainManifests(helm)) {
  writeFileSync(join(plainFolder, name), text);
  process.stdout.write(`${join(plainFolder, name)}\n`);
}
