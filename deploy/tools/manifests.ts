import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartFiles, chartFolder } from './chart-files.ts';
import { kubeTools } from './kube-tools.ts';
import { plainFolder, plainManifests } from './plain-manifests.ts';

/** `npm run deploy:manifests`: writes anew what the chart takes from the program, and the plain manifests made from it. */
const { helm } = await kubeTools();
write(chartFolder, chartFiles());
write(plainFolder, await plainManifests(helm));

function write(folder: string, texts: ReadonlyMap<string, string>): void {
  for (const [name, text] of texts) {
    writeFileSync(join(folder, name), text);
    process.stdout.write(`${join(folder, name)}\n`);
  }
}
