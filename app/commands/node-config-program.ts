import { Argument, type Command } from 'commander';
import { type NodeKind, nodeKinds } from '../node-config/node-file.ts';
import { collect, type PlaceFlags, runnerOf, type Surroundings } from './program-parts.ts';

interface NodeConfigFlags extends Pick<PlaceFlags, 'config'> {
  readonly proxy?: string;
  readonly ca?: string;
  readonly upstream?: readonly string[];
  readonly out?: string;
}

/** `pratique node-config`. */
export function addNodeConfigCommand(program: Command, surroundings: Surroundings): void {
  const { console, acting, sourcesOf } = runnerOf(surroundings);
  program
    .command('node-config')
    .addArgument(new Argument('<kind>', 'what the nodes run').choices(nodeKinds))
    .description('the files with which nodes pull through the proxy and no other way, with the reasons')
    .option('--config <file>', 'configuration file (YAML)')
    .option(
      '--proxy <url>',
      'where nodes reach the registry port (default: the first of publicNames, by https:// with listen.registryTls or --ca)',
    )
    .option('--ca <file>', "PEM of the authority that has signed the proxy's certificate")
    .option('--upstream <name>', 'only this upstream (again for each)', collect)
    .option('--out <dir>', 'write the files below this folder instead of printing them')
    .action((kind: NodeKind, flags: NodeConfigFlags) =>
      acting(async () =>
        (await import('./node-config.ts')).nodeConfig(
          {
            kind,
            proxy: flags.proxy ?? null,
            ca: flags.ca ?? null,
            upstreams: flags.upstream ?? [],
            out: flags.out ?? null,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
}
